import { expect, test } from '@jest/globals';
import { isLoopbackAddress, isPrivateAddress } from './private-address.ts';

test.each([
  'http://127.0.0.1:11434/v1',
  'http://[::1]:1234',
  'http://localhost:8000',
  'http://a.localhost',
])('%s is this machine', (url) => {
  expect([isLoopbackAddress(url), isPrivateAddress(url)]).toEqual([true, true]);
});

test.each([
  'http://192.168.1.20:11434/v1',
  'http://10.1.2.3',
  'http://172.31.0.1',
  'http://[fd12::1]/v1',
  'http://ollama:11434/v1',
  'http://gpu.local',
  'http://models.corp.internal',
])('%s is in the network of the operator', (url) => {
  expect([isLoopbackAddress(url), isPrivateAddress(url)]).toEqual([false, true]);
});

test.each([
  'https://api.openai.com/v1',
  'http://172.32.0.1',
  'http://8.8.8.8',
  'http://127.0.0.1.example.com',
  'http://localhost.example.com',
  'http://[2001:db8::1]',
  'http://local.example',
  'no address',
])('%s is neither', (url) => {
  expect([isLoopbackAddress(url), isPrivateAddress(url)]).toEqual([false, false]);
});
