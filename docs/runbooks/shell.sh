# What the runbooks' commands are made of. Read it into a bash in the repository's folder:
#
#   . docs/runbooks/shell.sh                          the deployed stack, signed with your AWS credentials
#   . docs/runbooks/shell.sh http://127.0.0.1:3000    the local stack, unsigned
#
# It needs aws (2), curl (7.86 or later) and jq, and AWS_REGION. STACK is the stack's name, where it is not Grantkeeper.
STACK=${STACK:-Grantkeeper}

# One output of the stack.
output() {
  aws cloudformation describe-stacks --stack-name "$STACK" --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue" --output text
}

# The name, URL or ARN of one resource: resource AWS::SQS::Queue RefreshQueueDeadLetters
resource() {
  aws cloudformation list-stack-resources --stack-name "$STACK" --output text \
    --query "StackResourceSummaries[?ResourceType=='$1'&&starts_with(LogicalResourceId,'Grantkeeper$2')].PhysicalResourceId"
}

# A Lambda by its name in docs/architecture.md: lambda_of schedule-refreshes
lambda_of() {
  resource AWS::Lambda::Function "Functions${1//-/}Function"
}

# What a Lambda logged in the last hour, newest last: logs_of refresh '{ $.level = "ERROR" }'
logs_of() {
  aws logs filter-log-events --log-group-name "$(resource AWS::Logs::LogGroup "Functions${1//-/}Logs")" \
    --start-time "$((($(date +%s) - 3600) * 1000))" --filter-pattern "$2" --query 'events[].message' --output text
}

# A request to the HTTP API: gk GET /health
gk() {
  local method=$1 path=$2
  shift 2
  curl --silent --show-error --fail-with-body --request "$method" "${signed[@]}" "$@" "$API$path"
}

if [ -n "${1:-}" ]; then
  API=$1
  signed=()
else
  API=$(output ApiUrl)
  eval "$(aws configure export-credentials --format env)"
  signed=(--aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY")
  [ -z "${AWS_SESSION_TOKEN:-}" ] || signed+=(--header "x-amz-security-token: $AWS_SESSION_TOKEN")
fi
API=${API%/}
export GRANTKEEPER_URL=$API
