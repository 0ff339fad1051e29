/** What `npm run test:terraform -- --apply` sets up, changes and takes down. */

type Variables = Record<string, unknown>;

export interface Scenario {
  what: string;
  /** Added to `COMMON`. */
  variables: Variables;
  /** Each is applied on top of the ones before. */
  changes: {
    what: string;
    variables: Variables;
    /** A database that a backup was restored into, as docs/day-two.md says; Terraform forgets the one before. */
    restoredDatabase?: string;
    /** What holds data and is deleted on purpose. */
    deletes?: RegExp;
  }[];
  /** Set up once more in the same project, after everything was taken down. */
  again?: Variables;
}

export const COMMON: Variables = {
  project_id: 'my-project-1234',
  analysis_model: 'vertexai/gemini-3.5-flash-lite',
  stream_image: 'us-central1-docker.pkg.dev/my-project-1234/media/stream:1',
  alert_emails: ['one@example.com'],
};

export const SCENARIOS: Scenario[] = [
  {
    what: 'small',
    variables: {},
    changes: [
      {
        what: 'other alert e-mails',
        variables: { alert_emails: ['two@example.com', 'three@example.com'] },
      },
      { what: 'no alert e-mails', variables: { alert_emails: [] } },
      {
        what: 'other queues',
        variables: { upload_queue: 'uploads', analyze_queue: 'analyses', flex_queue: 'patient' },
        deletes: /^google_cloud_tasks_queue\./,
      },
      { what: 'moderation', variables: { moderation: 'hold' } },
      { what: 'sign-up', variables: { allow_sign_up: true } },
      { what: 'origins', variables: { allowed_origins: ['https://app.example.com'] } },
      {
        what: 'sizes',
        variables: {
          api_capacity: { cpu: '2', memory: '1Gi', max_instances: 10 },
          stream_capacity: { memory: '1Gi', min_instances: 1 },
          max_concurrent_uploads: 12,
          max_queued_per_owner: 8,
        },
      },
      { what: 'a domain', variables: { domain: 'media.example.com' } },
      { what: 'another domain', variables: { domain: 'photos.example.com' } },
      { what: 'no domain', variables: { domain: '' } },
    ],
    again: {
      adopt: ['identity_platform'],
      upload_queue: 'media-upload-2',
      analyze_queue: 'media-analyze-2',
      flex_queue: 'media-flex-2',
    },
  },
  {
    what: 'domain',
    variables: { domain: 'media.example.com', billing_account: '012345-6789AB-CDEF01' },
    changes: [
      {
        what: 'a new image',
        variables: { stream_image: 'us-central1-docker.pkg.dev/my-project-1234/media/stream:2' },
      },
      {
        what: 'limits',
        variables: { requests_per_minute: 300, soft_delete_days: 30, point_in_time_recovery: true },
      },
      { what: 'a budget', variables: { monthly_budget: 80 } },
      {
        what: 'sign-in with Google',
        variables: {
          google_client_id: '123456789012-abc.apps.googleusercontent.com',
          google_client_secret: 'a-secret',
        },
      },
    ],
  },
  {
    what: 'own issuer',
    variables: {
      identity_platform: false,
      auth_issuer: 'https://login.example.com/',
      auth_audience: 'media',
      auth_jwks_url: 'https://login.example.com/.well-known/jwks.json',
    },
    changes: [{ what: 'another audience', variables: { auth_audience: 'photos' } }],
  },
  {
    what: 'Gemini key',
    variables: { analysis_model: 'googleai/gemini-3.5-flash-lite' },
    changes: [
      { what: 'a second model', variables: { model_fallback: 'vertexai/gemini-3.5-flash-lite' } },
    ],
  },
  {
    what: 'restore',
    variables: {},
    changes: [
      {
        what: 'a restored database',
        variables: { firestore_database: 'media-restored', adopt: ['database'] },
        restoredDatabase: 'media-restored',
      },
    ],
  },
  {
    what: 'pipeline',
    variables: {
      domain: 'media.example.com',
      repository: 'projects/my-project-1234/locations/us-central1/connections/c/repositories/r',
      state_bucket: 'my-project-1234-terraform',
    },
    changes: [{ what: 'no pipeline', variables: { repository: '' } }],
  },
];
