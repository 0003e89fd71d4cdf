/** Types that the schema has whatever is registered; a definition must not map to one of them. */
export const reservedTypes: ReadonlySet<string> = new Set([
  // GraphQL and federation
  ...['Query', 'Mutation', 'Subscription', 'Int', 'Float', 'String', 'Boolean', 'ID'],
  ...['_Any', '_Entity', '_Service', 'FieldSet'],
  // scalars and what every subgraph shares
  ...['DateTime', 'Duration', 'Int64', 'Decimal', 'JSON', 'PageInfo', 'InputError', 'Node'],
  // readings
  ...['FeatureMeta', 'FeatureCell', 'CellStatus', 'AsOf'],
  // registry
  ...['Entity', 'EntityConnection', 'EntityEdge', 'Source', 'SourceConnection', 'SourceEdge', 'Field', 'Feature'],
  ...['FeatureView', 'FeatureViewConnection', 'FeatureViewEdge', 'FeatureViewVersion', 'OnDemandView'],
  ...['FeatureService', 'FeatureServiceConnection', 'FeatureServiceEdge', 'FeatureServiceMember', 'RegistryChange'],
  ...['RegistryObject', 'RegistryKind', 'ApplyInput', 'ApplyPayload', 'SearchResult', 'SearchConnection', 'SearchEdge'],
  ...[
    'Lineage',
    'LineageNode',
    'LineageEdge',
    'LineageDirection',
    'LineageKind',
    'LineageRole',
    'PlannedChange',
    'PlanAction',
  ],
  ...['DefinitionChange', 'DefinitionKind', 'DefinitionError', 'ChangeAction', 'KeyPart', 'KeyColumn', 'SourceKind'],
  ...['FeatureViewKind', 'OnDemandViewConnection', 'OnDemandViewEdge'],
  // online
  ...['FeatureVectors', 'FeatureUpdate', 'PushInput', 'PushPayload', 'EventPosition', 'RejectedEvent'],
  ...['Freshness', 'FreshnessAlert', 'AlertState', 'IncidentState', 'DriftAlert', 'ForgetEntityInput'],
  ...['ForgetEntityPayload', 'DeadLetter', 'DeadLetterCount'],
  // offline
  ...['JobState', 'JoinMode', 'CreateTrainingDatasetInput', 'SpineInput', 'TimeRangeInput', 'PinnedView'],
  ...['CancelTrainingDatasetInput', 'RebuildTrainingDatasetInput', 'MaterializeInput', 'BackfillInput', 'RebuildInput'],
  ...['TrainingDatasetPayload', 'DatasetFile'],
  ...['MaterializationPayload', 'TrainingDataset', 'TrainingDatasetConnection', 'TrainingDatasetEdge'],
  ...['TrainingDatasetProgress', 'Materialization', 'MaterializationKind', 'MaterializationConnection'],
  ...['MaterializationEdge', 'FeatureStatistics', 'ExplainInput', 'FeatureExplanation', 'ExplainedServing'],
  ...['ExplainedWindow', 'ExplainedOutcome'],
]);

/** Fields of Query, Mutation and Subscription that entities and views without a key must leave free. */
export const reservedRootFields: ReadonlySet<string> = new Set([
  ...['entity', 'entities', 'source', 'sources', 'featureView', 'featureViews', 'featureService', 'featureServices'],
  ...[
    'onDemandView',
    'onDemandViews',
    'search',
    'lineage',
    'plan',
    'registry',
    'registryChanges',
    'registryRevision',
    'node',
    'asOf',
  ],
  ...['featureVectors', 'featureUpdates', 'freshnessAlerts', 'driftAlerts', 'push', 'forgetEntity', 'apply'],
  ...['trainingDataset', 'trainingDatasets', 'trainingDatasetProgress', 'createTrainingDataset', 'explain'],
  ...['cancelTrainingDataset', 'rebuildTrainingDataset', 'materialize', 'backfill', 'rebuild', 'materialization'],
  'materializations',
  ...['deadLetters', 'deadLetterCounts', '_entities', '_service'],
]);

/** Fields that every typed entity has beside its keys and views. */
export const reservedEntityFields: ReadonlySet<string> = new Set(['asOf']);

/** Fields that every value type has beside its features. */
export const reservedValueFields: ReadonlySet<string> = new Set(['meta', 'view']);

/** Arguments that a view's field has beside its request inputs. */
export const reservedArguments: ReadonlySet<string> = new Set(['version', 'maxAge']);
