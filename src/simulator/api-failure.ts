/** The three families of error bodies (and IAM's), told apart by who answers. */
export type FailureFamily = 'gateway' | 'modelarts' | 'classic' | 'iam';

/** An answer that is not a success, in the shape that its family documents. */
export class ApiFailure extends Error {
  override readonly name = 'ApiFailure';
  readonly status: number;
  readonly code: string;
  readonly family: FailureFamily;

  constructor(family: FailureFamily, status: number, code: string, message: string) {
    super(message);
    this.family = family;
    this.status = status;
    this.code = code;
  }

  body(requestID: string): Record<string, unknown> {
    const { code, message } = this;
    switch (this.family) {
      case 'gateway':
        return { error_msg: message, error_code: code, request_id: requestID };
      case 'classic':
        return { is_success: false, error_message: message, error_code: code };
      case 'iam':
        return { error: { code: this.status, message, title: titles[this.status] ?? 'Error' } };
      case 'modelarts':
        return { error_code: code, error_msg: message };
    }
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export const badRequest = (why: string): ApiFailure =>
  new ApiFailure('modelarts', 400, 'ModelArts.50004000', `Bad request. ${why}`);
export const poolNotFound = (pool: string): ApiFailure =>
  new ApiFailure('modelarts', 404, 'ModelArts.50015001', `Pool ${pool} not found.`);
/** Pool details word it differently from the calls below a pool. */
export const poolDetailNotFound = (): ApiFailure =>
  new ApiFailure('modelarts', 404, 'ModelArts.50015001', 'pool not found');
export const notPublished = (): ApiFailure =>
  new ApiFailure(
    'gateway',
    404,
    'APIGW.0101',
    'The API does not exist or has not been published in the environment.',
  );
export const workspaceClosed = (id: string): ApiFailure =>
  new ApiFailure('modelarts', 403, 'ModelArts.0112', `The workspace ${id} is not permitted for the user.`);
/** v1 calls fail with HTTP 200. */
export const classicFailure = (message: string): ApiFailure =>
  new ApiFailure('classic', 200, 'ModelArts.0105', message);

const byStatus: Readonly<Record<number, readonly [FailureFamily, string, string]>> = {
  400: ['modelarts', 'ModelArts.50004000', 'Bad request.'],
  401: ['gateway', 'APIGW.0301', 'Incorrect IAM authentication information: decrypt token fail'],
  403: ['gateway', 'APIGW.0302', 'The IAM user is not authorized to access the API.'],
  404: ['gateway', 'APIGW.0101', 'The API does not exist or has not been published in the environment.'],
  408: ['modelarts', 'ModelArts.4205', 'Request timed out.'],
  429: [
    'gateway',
    'APIGW.0308',
    'The throttling threshold has been reached: policy user over ratelimit,limit:20,time:1 second',
  ],
  500: ['modelarts', 'ModelArts.50005000', 'internal error'],
  502: ['gateway', 'APIGW.0202', 'Backend unavailable.'],
  503: ['modelarts', 'ModelArts.4302', 'Gateway unavailable. Try again later.'],
  504: ['gateway', 'APIGW.0203', 'Backend timeout.'],
};

/** The documented body for a status; a code given decides the family. */
export function failureOf(status: number, code: string | undefined, message: string | undefined): ApiFailure {
  const [family, usualCode, usualMessage] = byStatus[status] ?? [
    'modelarts',
    `ModelArts.${status}`,
    `status ${status}`,
  ];
  const chosen = code ?? usualCode;
  const own = code === undefined ? family : /^API(GW|G)\./.test(code) ? 'gateway' : 'modelarts';
  const text = message ?? (code === undefined || code === usualCode ? usualMessage : `failed with ${code}`);
  return new ApiFailure(own, status, chosen, text);
}
