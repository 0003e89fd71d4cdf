import { renderGraphiQL } from '@graphql-yoga/render-graphiql';

/** The GraphiQL page, complete in itself: it loads nothing from anywhere else. About 9 MB of HTML. */
export function graphiqlPage(options: { endpoint: string; defaultQuery: string }): string {
  return renderGraphiQL({
    title: 'Asof · GraphiQL',
    endpoint: options.endpoint,
    subscriptionsProtocol: 'WS',
    defaultQuery: options.defaultQuery,
  });
}
