/** The GraphiQL page, complete in itself: it loads nothing from anywhere else. About 9 MB of HTML. */
export async function graphiqlPage(options: { endpoint: string; defaultQuery: string }): Promise<string> {
  // Most processes never show it, so they do not load it either.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return renderGraphiQL({
    title: 'Asof · GraphiQL',
    endpoint: options.endpoint,
    subscriptionsProtocol: 'WS',
    defaultQuery: options.defaultQuery,
  });
}
