import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { AsofError } from '../../../core/errors/asof-error.ts';
import type { Route } from '../../../runtime/http-route.ts';
import type { TrainingDatasets } from './training-datasets.ts';

/** `GET /datasets/{id}/{file}`, whole or one range of bytes: DuckDB and pandas read Parquet in place. */
export function datasetFileRoute(datasets: Pick<TrainingDatasets, 'datasetFile'>): Route {
  return {
    path: '/datasets/',
    methods: ['GET', 'HEAD'],
    async handle(request, response, { url }) {
      const [id = '', name = '', ...rest] = url.pathname.slice('/datasets/'.length).split('/');
      const file = rest.length === 0 ? await datasets.datasetFile(id, decodeName(name)) : null;
      if (file === null) {
        throw new AsofError('UNKNOWN_NAME', 'there is no such dataset file', {
          path: url.pathname.slice(0, 200),
          remedy: 'Take the `url` of a finished dataset’s `files`.',
        });
      }
      const headers = {
        'content-type': file.contentType,
        'accept-ranges': 'bytes',
        etag: `"${file.sha256}"`,
        'x-content-type-options': 'nosniff',
      };
      const range = byteRange(request.headers.range, file.bytes);
      if (range === 'unsatisfiable') {
        response.writeHead(416, { ...headers, 'content-range': `bytes */${file.bytes}` }).end();
        return;
      }
      const { start, end } = range ?? { start: 0, end: file.bytes - 1 };
      response.writeHead(range === null ? 200 : 206, {
        ...headers,
        'content-length': end - start + 1,
        ...(range === null ? {} : { 'content-range': `bytes ${start}-${end}/${file.bytes}` }),
      });
      if (request.method === 'HEAD' || end < start) response.end();
      else await pipeline(createReadStream(file.path, { start, end }), response);
    },
  };
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return '';
  }
}

/**
 * One range of `bytes=a-b`, `bytes=a-` or `bytes=-n`, both ends inclusive; null = the whole file, which is also the
 * answer to several ranges or another unit (RFC 9110, 14.2).
 */
export function byteRange(
  header: string | undefined,
  bytes: number,
): { readonly start: number; readonly end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return null;
  if (match[1] === '') {
    const suffix = Math.min(Number(match[2]), bytes);
    return suffix === 0 ? 'unsatisfiable' : { start: bytes - suffix, end: bytes - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === '' ? bytes - 1 : Math.min(Number(match[2]), bytes - 1);
  if (match[2] !== '' && Number(match[2]) < start) return null;
  return start >= bytes ? 'unsatisfiable' : { start, end };
}
