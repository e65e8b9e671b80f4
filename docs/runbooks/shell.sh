# What the runbooks' commands are made of. Read it into a bash in the repository's folder:
#
#   . docs/runbooks/shell.sh                          the deployed stack, signed with your AWS credentials
#   . docs/runbooks/shell.sh http://127.0.0.1:3000    the local stack, unsigned
#
# It needs aws (2.13 or later), curl (7.86 or later) and jq, and AWS_REGION. STACK is the stack's name, where it is not
# Grantkeeper.
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

# The name of the secret that holds an app's client secret: secret_of crm
secret_of() {
  aws cloudformation describe-stacks --stack-name "$STACK" --output text \
    --query "Stacks[0].Outputs[?starts_with(OutputKey,'ClientSecretName')&&ends_with(OutputValue,'/$1/client-secret')].OutputValue"
}

# A moment so many seconds ago, as AWS takes it; with the date of Linux or of macOS: ago 3600
ago() {
  local then=$(($(date +%s) - $1))
  date -u -d "@$then" +%FT%TZ 2>/dev/null || date -u -r "$then" +%FT%TZ
}

# What a Lambda logged in the last hour, one event a line, newest last: logs_of refresh '{ $.level = "ERROR" }'
logs_of() {
  aws logs filter-log-events --log-group-name "$(resource AWS::Logs::LogGroup "Functions${1//-/}Logs")" \
    --start-time "$((($(date +%s) - 3600) * 1000))" --filter-pattern "$2" --query 'events[].message' --output json |
    jq -r '.[] | rtrimstr("\n")'
}

# A request to the HTTP API: gk GET /health
gk() {
  local method=$1 path=$2
  shift 2
  curl --silent --show-error --fail-with-body --request "$method" "${signed[@]}" "$@" "$API$path"
}

# All connections of a filter, one a line, over all pages: connections "app=crm&status=active" | jq -r .id
# The query is in the order of its names, for curl signs it as it stands.
connections() {
  local query cursor='' answer page
  for page in {1..10000}; do
    query=$(printf '%s' "$1&limit=100${cursor:+&cursor=$cursor}" | tr '&' '\n' | LC_ALL=C sort | paste -s -d '&' -)
    answer=$(gk GET "/connections?$query") || { printf '%s\n' "$answer" >&2; return 1; }
    jq -c '.connections[]' <<<"$answer"
    cursor=$(jq -r '.next_cursor // "" | @uri' <<<"$answer")
    [ -n "$cursor" ] || return 0
  done
  echo "connections: stopped after $page pages." >&2
  return 1
}

if [ -n "${1:-}" ]; then
  API=$1
  signed=()
else
  export AWS_REGION=${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region)}}
  API=$(output ApiUrl)
  [ -n "$API" ] || echo "No output ApiUrl of the stack $STACK in ${AWS_REGION:-no region: set AWS_REGION}. Look at STACK, AWS_REGION and your credentials; if the region does not answer: docs/runbooks/lost-region.md" >&2
  eval "$(aws configure export-credentials --format env)"
  signed=(--aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY")
  [ -z "${AWS_SESSION_TOKEN:-}" ] || signed+=(--header "x-amz-security-token: $AWS_SESSION_TOKEN")
fi
API=${API%/}
export GRANTKEEPER_URL=$API
