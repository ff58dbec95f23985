import { classicFailure, failureOf } from './api-failure.ts';
import type { FaultEffect } from './fault-book.ts';
import { spoilRows } from './row-faults.ts';
import type { UpstreamAnswer } from './upstream.ts';
import { encodeJson } from './wire-v1.ts';

/** An answer as bytes: what is sent, and what its Content-Length says when that is more. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const htmlPage =
  '<!DOCTYPE html><html><head><title>Service unavailable</title></head><body><h1>Please try again</h1></body></html>';

/** Puts an answer into bytes, spoilt as the fault rules say. */
export function encodeAnswer(answer: UpstreamAnswer, effect: FaultEffect, requestID: string): WireAnswer {
  const { status, body } = effectiveAnswer(answer, effect, requestID);
  const text = spoilText(encodeJson(body), effect.body);
  const html = effect.body === 'html';
  return {
    status,
    headers: {
      'Content-Type':
        effect.contentType ?? (html ? 'text/html; charset=utf-8' : 'application/json;charset=utf-8'),
      'X-Request-Id': requestID,
      ...(answer.status === status ? answer.headers : {}),
      ...(effect.retryAfter === undefined ? {} : { 'Retry-After': String(effect.retryAfter) }),
      ...effect.headers,
    },
    body: Buffer.from(text),
  };
}

/** True when the real answer does not matter, so that the request need not be allowed to ask for it. */
export const replacesAnswer = (effect: FaultEffect): boolean =>
  effect.status !== undefined || effect.code !== undefined || effect.unsuccessful === true;

function effectiveAnswer(
  answer: UpstreamAnswer,
  effect: FaultEffect,
  requestID: string,
): { status: number; body: unknown } {
  if (effect.unsuccessful === true) {
    return { status: 200, body: classicFailure(effect.message ?? 'internal error').body(requestID) };
  }
  if (effect.status !== undefined && effect.status < 300 && effect.code === undefined) {
    return { status: effect.status, body: answer.body };
  }
  if (replacesAnswer(effect)) {
    const failure = failureOf(effect.status ?? 500, effect.code, effect.message);
    return { status: failure.status, body: failure.body(requestID) };
  }
  return {
    status: answer.status,
    body: answer.status === 200 ? spoilRows(answer.body, effect) : answer.body,
  };
}

function spoilText(text: string, how: FaultEffect['body']): string {
  switch (how) {
    case undefined:
      return text;
    case 'truncated':
      return text.slice(0, Math.floor(text.length / 2));
    case 'malformed':
      return text.replace(/^\{/, '{"broken": versions:,');
    case 'html':
      return htmlPage;
    case 'empty':
      return '';
    case 'null':
      return 'null';
    case 'array':
      return '[]';
    case 'otherObject':
      return '{"hello":"world"}';
  }
}
