/** Which operation of an OpenAPI document answers a method and path (OpenAPI 3.1.0 §4.8.8: concrete before templated). */

export type Schema = Readonly<Record<string, unknown>>;

export interface MediaType {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

export interface HeaderObject {
  readonly required?: boolean;
  readonly schema: Schema;
  readonly example?: unknown;
}

export interface ResponseObject {
  readonly description: string;
  readonly headers?: Readonly<Record<string, HeaderObject>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}

export interface Operation {
  readonly operationId: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, MediaType>> };
  readonly responses: Readonly<Record<string, ResponseObject>>;
}

export type PathItem = Readonly<Record<string, Operation>>;

const httpMethods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** `path` may carry a query. `undefined` where the document lists no such path or method. */
export function matchOperation(
  paths: Readonly<Record<string, PathItem>>,
  method: string,
  path: string,
): Operation | undefined {
  return matchPath(paths, path)?.[method.toLowerCase()];
}

/** The methods that the document lists for this path; none where it does not list the path. */
export function methodsOf(paths: Readonly<Record<string, PathItem>>, path: string): string[] {
  const listed = Object.keys(matchPath(paths, path) ?? {});
  return listed.filter((key) => httpMethods.includes(key)).map((method) => method.toUpperCase());
}

function matchPath(paths: Readonly<Record<string, PathItem>>, path: string): PathItem | undefined {
  const segments = (path.split('?')[0] ?? '').split('/');
  const fitting = Object.keys(paths)
    .filter((template) => fits(template.split('/'), segments))
    .sort((a, b) => variables(a) - variables(b));
  const [best] = fitting;
  return best === undefined ? undefined : paths[best];
}

function fits(template: readonly string[], segments: readonly string[]): boolean {
  return (
    template.length === segments.length &&
    template.every((part, index) => (isVariable(part) ? segments[index] !== '' : part === segments[index]))
  );
}

function variables(template: string): number {
  return template.split('/').filter(isVariable).length;
}

function isVariable(part: string): boolean {
  return part.startsWith('{') && part.endsWith('}');
}
