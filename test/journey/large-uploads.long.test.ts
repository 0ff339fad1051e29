import './large-uploads.test.ts';
