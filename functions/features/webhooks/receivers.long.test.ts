import './receivers.test.ts';
