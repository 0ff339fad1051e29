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
        variables: {
          upload_queue: 'uploads',
          analyze_queue: 'analyses',
          flex_queue: 'patient',
          webhook_queue: 'hooks',
          slow_webhook_queue: 'slow-hooks',
        },
        deletes: /^google_cloud_tasks_queue\./,
      },
      { what: 'moderation', variables: { moderation: 'hold' } },
      { what: 'a topic of events', variables: { events_topic: 'media-events' } },
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
      webhook_queue: 'media-webhooks-2',
      slow_webhook_queue: 'media-slow-webhooks-2',
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
      { what: 'no budget', variables: { billing_account: '' } },
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
    changes: [
      { what: 'another audience', variables: { auth_audience: 'photos' } },
      {
        what: 'another issuer',
        variables: {
          auth_issuer: 'https://id.example.com/',
          auth_jwks_url: 'https://id.example.com/jwks.json',
        },
      },
      { what: 'Identity Platform beside it', variables: { identity_platform: true } },
    ],
  },
  {
    what: 'Gemini key',
    variables: { analysis_model: 'googleai/gemini-3.5-flash-lite' },
    changes: [
      { what: 'vectors of Gemini', variables: { embedding_model: 'googleai/gemini-embedding-2' } },
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
    what: 'every other setting',
    variables: {},
    changes: [
      {
        what: 'limits',
        variables: {
          max_files: 50,
          max_file_bytes: 16_777_216,
          max_request_bytes: 30_000_000,
          body_stall_s: 20,
          body_total_s: 300,
          body_min_bytes_per_minute: 60_000,
          max_upload_bytes: 1_073_741_824,
          max_uploads_in_flight: 5,
          max_uploads_per_instance: 20,
          max_announced: 500,
          max_bytes_per_day: 1_073_741_824,
          max_files_per_day: 500,
          import_buckets: ['shop-photos'],
          import_new_objects: [
            { bucket: 'shop-photos', prefix: 'users/{owner}/', language: 'ja' },
            { bucket: 'team-photos', owner: 'team', project: 'other-project-5678' },
          ],
          signed_url_ttl_s: 600,
          max_streams: 40,
          max_streams_per_instance: 900,
          heartbeat_s: 20,
          max_stream_s: 3_000,
        },
      },
      {
        what: 'work',
        variables: {
          import_new_objects: [
            { bucket: 'shop-photos', prefix: 'people/{owner}/', in_place: true },
            { bucket: 'shop-photos', prefix: 'in/', owner: 'team' },
          ],
          max_concurrent_dispatches: 6,
          max_concurrent_flex: 3,
          max_concurrent_webhooks: 3,
          max_concurrent_slow_webhooks: 1,
          max_dispatches_per_second: 100,
          reanalysis_in_flight: 3,
          task_retry: { max_backoff_s: 20, max_doublings: 5 },
          cpu_quota: 30,
          memory_quota_gib: 60,
          worker_capacity: { memory: '4Gi', max_instances: 14 },
          worker_timeout_s: 320,
          flex_timeout_s: 1_200,
          delivery_budget_s: 250,
          lease_s: 40,
          sweep_quiet_s: 150,
          firestore_answer_s: 20,
          sweep_schedule: '3-58/5 * * * *',
          max_deliveries: 9,
          worker_url: 'https://media-worker-abc-uc.a.run.app',
        },
      },
      {
        what: 'models',
        variables: {
          analysis_model: 'openai/qwen2.5vl:7b',
          openai_base_url: 'https://models.example.com/v1',
          openai_key_version: '2',
          openai_price: '0.15,0.60',
          openai_flex: 'on',
          model_fallback: 'googleai/gemini-3.5-flash-lite',
          gemini_base_url: 'https://gemini.example.com',
          gemini_key_version: '2',
          vertex_location: 'eu',
          call_timeout_s: 90,
          capture_location: 'on',
          preview_max_side: 1_024,
          max_paid_calls: 9,
          max_video_s: 300,
          max_usd_per_day: '10',
          max_owner_usd_per_day: '2.5',
        },
      },
      {
        what: 'what is kept and watched',
        variables: {
          backup_days: 14,
          staging_days: 20,
          log_level: 'debug',
          otlp_endpoint: 'https://traces.example.com/v1/traces',
          alert_thresholds: { queue_depth: 500, push_age_ms: 3_000, least_count: 5 },
          slo_goals: { api_availability: 0.99, push_freshness: 0.95 },
        },
      },
      { what: 'no backups', variables: { backup_days: 0 } },
      { what: 'no grant to everybody', variables: { api_is_open_by_grant: false } },
      {
        what: 'a domain, with a sign-in of its own',
        variables: {
          domain: 'media.example.com',
          ban_s: 900,
          sign_in_origins: ['https://login.example.com'],
        },
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
    changes: [
      {
        what: 'another branch',
        variables: {
          release_branch: 'release-1.x',
          smoke_user: 'other@example.com',
          state_bucket: 'another-terraform',
        },
      },
      { what: 'no pipeline', variables: { repository: '' } },
    ],
  },
];
