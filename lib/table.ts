/**
 * The table of sessions, connections, integrations and data keys: one table on demand, its indexes sparse. Keys and
 * indexes are the adapter's (`functions/adapters/dynamodb/table.ts`), so that neither drifts from the other.
 *
 * Losing it would cost every customer a new authorization, so it is kept, protected and recoverable to the second.
 * Its TTL only tidies up; nothing relies on it.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  type ITable,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import {
  type IndexDefinition,
  type KeyAttribute,
  type TableDefinition,
  tableDefinition,
} from '../functions/adapters/dynamodb/table.ts';
import type { StorageKey } from './storage-key.ts';
import { type ItemAction, kindPrefixes, type TableRight } from './table-rights.ts';

export interface GrantTableProps {
  readonly storageKey: StorageKey;
  /** Protect the table from deletion, and keep it when the stack is deleted. @default true */
  readonly retain?: boolean;
  /** The name of one that is there already: an earlier stack's, or a restored one. @default - a new one */
  readonly adopted?: string;
}

export class GrantTable extends Construct {
  readonly table: ITable;
  private readonly storageKey: StorageKey;

  constructor(scope: Construct, id: string, props: GrantTableProps) {
    super(scope, id);
    this.storageKey = props.storageKey;
    this.table =
      props.adopted === undefined ? this.madeTable(props) : Table.fromTableName(this, 'Table', props.adopted);
  }

  private madeTable({ storageKey, retain = true }: GrantTableProps): Table {
    // Not TableV2: with a customer-managed key that one needs to know its region at synth.
    const table = new Table(this, 'Table', {
      partitionKey: attributeOf(tableDefinition.partitionKey),
      sortKey: attributeOf(tableDefinition.sortKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: storageKey.key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: tableDefinition.timeToLiveAttribute,
      deletionProtection: retain,
      removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    for (const index of Object.values(tableDefinition.indexes)) addIndex(table, index);
    return table;
  }

  /** Lets `grantee` do what `rights` say with items of the table itself, none of its indexes. */
  allowItems(grantee: IGrantable, rights: readonly TableRight[]): void {
    for (const { actions, kinds, attributes } of rights) {
      const leadingKeys = kinds.map((kind) => `${kindPrefixes[kind]}*`);
      this.allow(grantee, actions, this.table.tableArn, {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': leadingKeys },
        ...(attributes === undefined
          ? {}
          : { 'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...attributes] } }),
        // Of no values all are like anything: a request that names no key, or no attribute, is not to pass by that.
        Null: {
          'dynamodb:LeadingKeys': 'false',
          ...(attributes === undefined ? {} : { 'dynamodb:Attributes': 'false' }),
        },
      });
    }
    const writing = rights.some(({ actions }) => actions.some((action) => writes.has(action)));
    if (rights.length > 0) this.storageKey.allowTable(grantee, writing ? 'write' : 'read');
  }

  /** Lets `grantee` query one index, and nothing else. */
  allowQuerying(grantee: IGrantable, index: keyof TableDefinition['indexes']): void {
    this.allow(grantee, ['Query'], `${this.table.tableArn}/index/${tableDefinition.indexes[index].name}`);
    this.storageKey.allowTable(grantee, 'read');
  }

  /** Lets `grantee` learn whose items the table holds: its own id, and the one item that says it. */
  allowKnowingItself(grantee: IGrantable): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['dynamodb:DescribeTable'], resources: [this.table.tableArn] }),
    );
  }

  private allow(
    grantee: IGrantable,
    actions: readonly ItemAction[],
    resource: string,
    conditions?: Record<string, Record<string, string | string[]>>,
  ): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: actions.map((action) => `dynamodb:${action}`),
        resources: [resource],
        ...(conditions === undefined ? {} : { conditions }),
      }),
    );
  }
}

const writes: ReadonlySet<ItemAction> = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

const attributeTypes = { S: AttributeType.STRING, N: AttributeType.NUMBER } as const;

function attributeOf({ name, type }: KeyAttribute): { name: string; type: AttributeType } {
  return { name, type: attributeTypes[type] };
}

function addIndex(table: Table, { name, partitionKey, sortKey, nonKeyAttributes }: IndexDefinition): void {
  table.addGlobalSecondaryIndex({
    indexName: name,
    partitionKey: attributeOf(partitionKey),
    sortKey: attributeOf(sortKey),
    ...(nonKeyAttributes.length === 0
      ? { projectionType: ProjectionType.KEYS_ONLY }
      : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...nonKeyAttributes] }),
  });
}
