import './deliveries.test.ts';
