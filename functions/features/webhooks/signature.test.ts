import { expect, test } from '@jest/globals';
import { newSigningSecret } from '../../http/service-key.ts';
import { webhookHeaders } from './signature.ts';

/** The example of https://docs.svix.com/receiving/verifying-payloads/how-manual */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const EXAMPLE = [
  'msg_p5jXN8AQM9LWM0D4loKWxJek',
  1_614_265_330_000,
  '{"test": 2432232314}',
] as const;
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

test('a message is signed as the convention says', () => {
  expect(webhookHeaders(...EXAMPLE, [SECRET])).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': SIGNATURE,
  });
});

test('with two secrets there are two signatures, each by itself', () => {
  const secret = newSigningSecret();
  const both = webhookHeaders(...EXAMPLE, [secret, SECRET])['webhook-signature'] ?? '';
  const [one] = (webhookHeaders(...EXAMPLE, [secret])['webhook-signature'] ?? '').split(' ');
  expect(both.split(' ')).toEqual([one, SIGNATURE]);
});

test('a secret has 256 bits, and each is another one', () => {
  const [a, b] = [newSigningSecret(), newSigningSecret()];
  expect(Buffer.from(a.replace('whsec_', ''), 'base64')).toHaveLength(32);
  expect(a).not.toBe(b);
});
