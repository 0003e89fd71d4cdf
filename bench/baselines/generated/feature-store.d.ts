/** What pbjs (protobufjs-cli 2.7.1) makes of GetFeatures and BatchGetFeatures, as far as the baseline uses it. */
interface Finished {
  finish(): Uint8Array;
}
interface Value {
  intValue: number;
}
interface Features {
  features: Record<string, Value>;
}
export const GetFeaturesRequest: { decode(bytes: Uint8Array): { entityId: string; featureNames: string[] } };
export const GetFeaturesResponse: { encode(message: Features): Finished };
export const BatchGetFeaturesRequest: { decode(bytes: Uint8Array): { entityIds: string[]; featureNames: string[] } };
export const BatchGetFeaturesResponse: { encode(message: { features: Record<string, Features> }): Finished };
