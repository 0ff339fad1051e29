export { readSignIn } from './config.ts';
export { SignInGate } from './gate.tsx';
export { openSignIn } from './open.ts';
