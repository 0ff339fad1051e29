import './service-keys.test.ts';
