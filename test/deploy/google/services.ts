/**
 * Google's APIs as far as the provider's resources in `terraform/` use them. They keep what they are sent, add what Google
 * adds, and refuse what Google refuses because of another resource. They do not check single values.
 */

import { LOCAL_API_KEY } from '../../../local-cloud/identity/toolkit-http.ts';
import { artifacts, builds } from './builds.ts';
import { AT, key, PROJECT, PROJECT_NUMBER, refuse } from './names.ts';
import { type Call, done, type Service } from './request.ts';
import { ApiError, type Json } from './resources.ts';
import { storage } from './storage.ts';

interface Kind {
  /** What Google adds to a new resource. */
  adds?: (name: string, value: Json, call: Call) => Json;
  /** Whether creating, changing and deleting are long-running operations. */
  operations?: boolean;
  /** The field of a change's body that is the resource. */
  part?: string;
  /** @throws {ApiError} If Google refuses to delete it. */
  beforeDelete?: (name: string, value: Json, call: Call) => void;
}

/** An API whose methods are the standard ones: https://google.aip.dev/130 */
function standard(api: string, kindOf: (collection: string) => Kind): Service {
  return (call) => {
    const { method, path, query, resources } = call;
    const body = call.body;
    const segments = path.split('/');
    const collection = segments.at(method === 'POST' ? -1 : -2) ?? '';
    const kind = kindOf(collection);
    const value = { ...((body[kind.part ?? ''] ?? body) as Json) };
    const answer = (resource: Json) => (kind.operations ? done(resources, resource) : resource);
    // `NAME:resume` and the like change nothing here.
    const ofVerb = /^(.*):\w+$/.exec(path)?.[1];
    if (method === 'POST' && ofVerb !== undefined) return resources.get(key(api, ofVerb));
    if (method === 'POST') {
      const id = [...query].find(([name]) => /(Id|_id)$/.test(name) && name !== 'requestId')?.[1];
      const name = String(value.name ?? `${path}/${id ?? resources.next()}`);
      const full = name.includes('/') ? name : `${path}/${name}`;
      // These names stay without the project.
      const shown = ['metrics', 'triggers'].includes(collection) ? name : full;
      const made = { ...value, ...(kind.adds?.(full, value, call) ?? {}), name: shown };
      return answer(resources.create(key(api, full), made));
    }
    const name = key(api, path);
    if (method === 'GET') return resources.find(name) ?? listOr404(call, api, collection);
    if (method === 'DELETE') {
      kind.beforeDelete?.(path, resources.get(name), call);
      resources.delete(name);
      return answer({});
    }
    const before = resources.find(name);
    for (const field of clearedBy(query, value)) if (before) delete before[field];
    const merged = { ...before, ...value };
    return answer(
      resources.merge(name, {
        ...value,
        ...(kind.adds?.(path, merged, call) ?? {}),
        name: before?.name ?? path,
      }),
    );
  };
}

/** Fields that a change names and gives no value: https://google.aip.dev/161 */
function clearedBy(query: URLSearchParams, value: Json): string[] {
  const named = (query.get('updateMask') ?? '').split(',').map((path) => path.split('.')[0] ?? '');
  return named.filter((field) => !(field in value));
}

/** A list, if the path is a collection's. */
function listOr404({ path, resources }: Call, api: string, parent: string): Json {
  const last = path.split('/').at(-1) ?? '';
  const isCollection =
    /^(releases|rulesets|indexes|backupSchedules|databases|backups|repositories|roles|alertPolicies|dashboards|notificationChannels|uptimeCheckConfigs|budgets)$/.test(
      last,
    );
  if (!isCollection)
    throw new ApiError(404, 'NOT_FOUND', `${api}: ${parent}/${last} was not found.`);
  return { [last]: listOf(api, path, resources) };
}

/** `-` stands for all parents: https://google.aip.dev/159. The names of releases have slashes in them. */
function listOf(api: string, path: string, resources: Call['resources']): Json[] {
  const collection = key(api, path).split('/');
  const isIn = (name: string) => {
    const segments = name.split('/');
    const isBelow = collection.every((each, i) => each === '-' || each === segments[i]);
    return (
      isBelow && (collection.at(-1) === 'releases' || segments.length === collection.length + 1)
    );
  };
  return resources
    .names()
    .filter(isIn)
    .map((name) => resources.get(name));
}

// --- Projects, billing, and which APIs are enabled ------------------------------------------------

/** What the first step of a deployment enables by hand (terraform/README.md). */
const ENABLED_BY_HAND = ['cloudbilling', 'cloudresourcemanager', 'iam', 'serviceusage', 'storage'];

/** @throws {ApiError} If the API is not enabled: https://cloud.google.com/service-usage/docs/enable-disable */
export function checkEnabled(api: string, { resources }: Call): void {
  if (ENABLED_BY_HAND.includes(api) || resources.find(key('serviceusage', api))) return;
  throw new ApiError(
    403,
    'PERMISSION_DENIED',
    `${api}.googleapis.com has not been used in project ${PROJECT_NUMBER} before or it is disabled.`,
  );
}

const serviceUsage: Service = ({ method, path, body, resources }) => {
  const prefix = `projects/${PROJECT_NUMBER}/services`;
  const enable = (service: string) =>
    resources.merge(key('serviceusage', service.replace('.googleapis.com', '')), {
      name: `${prefix}/${service}`,
      config: { name: service },
      state: 'ENABLED',
    });
  if (path.endsWith(':batchEnable')) {
    for (const service of body.serviceIds as string[]) enable(service);
    return done(resources, {});
  }
  const one = /\/services\/([^:/]+)(:enable)?$/.exec(path);
  if (method === 'POST' && one?.[1]) return done(resources, enable(one[1]));
  if (one?.[1]) return resources.get(key('serviceusage', one[1].replace('.googleapis.com', '')));
  return { services: resources.under('serviceusage/') };
};

/** Everything is granted, unless it is denied. */
function testPermissions({ body, resources }: Call): Json {
  const { permissions: denied = [] } = resources.find('denied') ?? {};
  const asked = body.permissions as string[];
  return { permissions: asked.filter((each) => !(denied as string[]).includes(each)) };
}

const projects: Service = (call) => {
  if (call.path.endsWith(':testIamPermissions')) return testPermissions(call);
  return {
    projectNumber: PROJECT_NUMBER,
    projectId: PROJECT,
    lifecycleState: 'ACTIVE',
    name: PROJECT,
  };
};

/** The project has a billing account, unless it is taken away. */
const billing: Service = (call) => {
  const { path, resources } = call;
  if (path.endsWith(':testIamPermissions')) return testPermissions(call);
  const name = 'billingAccounts/012345-6789AB-CDEF01';
  if (path === 'billingAccounts') return { billingAccounts: [{ name, open: true }] };
  const isAway = resources.find('no billing') !== undefined;
  return {
    name: path,
    projectId: PROJECT,
    ...(isAway ? {} : { billingAccountName: name, billingEnabled: true }),
  };
};

// --- IAM ------------------------------------------------------------------------------------------

/** `getIamPolicy` and `setIamPolicy` of any resource; undefined for other calls. */
export function policyOf(api: string, { method, path, body, resources }: Call): Json | undefined {
  const ofBucket = /^(b\/[^/]+)\/iam$/.exec(path);
  const [, target = ofBucket?.[1], verb] = /^(.*):([gs]etIamPolicy)$/.exec(path) ?? [];
  if (target === undefined) return undefined;
  const name = `policy of ${key(api, target.replace('projects/-/', `projects/${PROJECT}/`))}`;
  if (verb === 'setIamPolicy' || (ofBucket && method === 'PUT')) {
    const policy = (body.policy ?? body) as Json;
    return resources.replace(name, { ...policy, etag: `e${resources.next()}` });
  }
  return resources.find(name) ?? { version: 1, etag: 'e0', bindings: [] };
}

const iam: Service = (call) => {
  const { method, path, body, resources } = call;
  if (method === 'POST' && path.endsWith('/serviceAccounts')) {
    const email = `${body.accountId}@${PROJECT}.iam.gserviceaccount.com`;
    const name = `projects/${PROJECT}/serviceAccounts/${email}`;
    const account = {
      ...(body.serviceAccount as Json),
      name,
      email,
      projectId: PROJECT,
      uniqueId: resources.next(),
    };
    return resources.create(key('iam', name), account);
  }
  if (method === 'POST' && path.endsWith('/roles')) {
    const name = `${path}/${body.roleId}`;
    if (resources.find(`deleted role ${name}`)) {
      throw refuse(`A role with the id ${body.roleId} was deleted too recently.`);
    }
    return resources.create(key('iam', name), {
      ...(body.role as Json),
      name,
      etag: 'BwYx0Z3kA1s=',
    });
  }
  // As after the seven days in which the provider can bring a role back:
  // https://cloud.google.com/iam/docs/creating-custom-roles#deleting-custom-role
  if (method === 'DELETE' && path.includes('/roles/')) resources.merge(`deleted role ${path}`, {});
  return standard('iam', () => ({}))({
    ...call,
    // A change to a service account has the account in a field.
    body: (body.serviceAccount as Json | undefined) ?? body,
    path: path.replace('projects/-/', `projects/${PROJECT}/`),
  });
};

// --- Identity Platform ----------------------------------------------------------------------------

const CONFIG = `projects/${PROJECT}/config`;

const identity: Service = (call) => {
  const { method, path, body, resources } = call;
  const name = key('identitytoolkit', CONFIG);
  if (path.endsWith('identityPlatform:initializeAuth')) {
    if (resources.find(name))
      throw refuse('Identity Platform has already been enabled for this project.');
    resources.create(name, {
      name: CONFIG,
      client: { apiKey: LOCAL_API_KEY, firebaseSubdomain: PROJECT },
      authorizedDomains: ['localhost'],
    });
    return {};
  }
  if (path !== CONFIG) return standard('identitytoolkit', () => ({}))(call);
  if (method !== 'PATCH') return resources.get(name);
  const before = resources.get(name);
  return resources.merge(name, {
    ...body,
    client: { ...(before.client as Json), ...(body.client as Json) },
  });
};

// --- Compute --------------------------------------------------------------------------------------

const OPERATION = { kind: 'compute#operation', name: 'op', id: '1', status: 'DONE' };

const COMPUTE = 'https://www.googleapis.com/compute/v1/';

/** Resources name each other by addresses. The provider makes them of the API's address, and takes only https for one. */
function withGooglesAddresses(body: Json): Json {
  const text = JSON.stringify(body).replaceAll(/http:[^"]*?\/compute\/v1\//g, COMPUTE);
  return JSON.parse(text) as Json;
}

/** `addRule`, `patchRule` and `removeRule` of a security policy, whose rules are told apart by their priorities. */
function changeRule(policy: Json, verb: string, priority: number, rule: Json): Json {
  const rules = policy.rules as Json[];
  const before = rules.find((each) => each.priority === priority);
  const others = rules.filter((each) => each !== before);
  return { rules: verb === 'removeRule' ? others : [...others, { ...before, ...rule }] };
}

const compute: Service = ({ method, path, query, body: sent, resources }) => {
  const body = withGooglesAddresses(sent);
  if (path.includes('/operations/')) return OPERATION;
  if (path === `projects/${PROJECT}`) return { kind: 'compute#project', name: PROJECT };
  if (method === 'GET') return resources.get(key('compute', path));
  const selfLink = `${COMPUTE}${path}`;
  const verb = /^(.*)\/(set\w+)$/.exec(path);
  const [, policy, ruleVerb] = /^(.*\/securityPolicies\/[^/]+)\/(\w+Rule)$/.exec(path) ?? [];
  if (policy !== undefined && ruleVerb !== undefined) {
    const name = key('compute', policy);
    const priority = Number(query.get('priority') ?? body.priority);
    resources.merge(name, changeRule(resources.get(name), ruleVerb, priority, body));
  } else if (verb) {
    const target = key(
      'compute',
      String(verb[1])
        .replace('/targetHttpsProxies/', '/global/targetHttpsProxies/')
        .replace('/global/global/', '/global/'),
    );
    resources.get(target);
    resources.merge(target, verb[2] === 'setLabels' ? { labels: body.labels } : body);
  } else if (method === 'POST') {
    resources.create(key('compute', `${path}/${body.name}`), {
      ...body,
      id: resources.next(),
      selfLink: `${selfLink}/${body.name}`,
      fingerprint: 'e',
      labelFingerprint: 'e',
      creationTimestamp: AT,
      ...(path.endsWith('/addresses') && { address: '203.0.113.7' }),
    });
  } else if (method === 'DELETE') {
    refuseIfUsed(selfLink, resources.under('compute/'));
    resources.delete(key('compute', path));
  } else {
    resources.merge(key('compute', path), body);
  }
  return { ...OPERATION, selfLink, targetLink: selfLink, targetId: resources.next() };
};

/** https://cloud.google.com/compute/docs/reference/rest/v1/errors: RESOURCE_IN_USE_BY_ANOTHER_RESOURCE */
function refuseIfUsed(selfLink: string, all: Json[]): void {
  const name = selfLink.split('/compute/v1/')[1] ?? '';
  const user = all.find(
    (each) =>
      each.selfLink !== selfLink &&
      new RegExp(`${RegExp.escape(name)}["?]`).test(JSON.stringify(each)),
  );
  if (user)
    throw new ApiError(
      400,
      'RESOURCE_IN_USE_BY_ANOTHER_RESOURCE',
      `${name} is used by ${user.name}.`,
    );
}

// --- Monitoring and logging -----------------------------------------------------------------------

const monitoring = standard('monitoring', (collection) => {
  if (collection === 'alertPolicies') {
    return {
      adds: (name, value, call) => {
        checkMetrics(value, call);
        const conditions = (value.conditions as Json[] | undefined) ?? [];
        return {
          conditions: conditions.map((each, i) => ({ ...each, name: `${name}/conditions/${i}` })),
        };
      },
    };
  }
  if (collection === 'serviceLevelObjectives') {
    return {
      adds: (_, value, call) => {
        checkMetrics(value, call);
        return {};
      },
    };
  }
  if (collection === 'notificationChannels') return { beforeDelete: refuseIfNamed };
  if (collection === 'uptimeCheckConfigs') return { beforeDelete: refuseIfNamed };
  if (collection === 'dashboards') return { adds: () => ({ etag: 'e' }) };
  return {};
});

/** A log metric has to be there before an alert or an SLO asks for it. */
function checkMetrics(value: Json, { resources }: Call): void {
  const text = JSON.stringify(value);
  for (const [, name] of text.matchAll(/logging\.googleapis\.com\/user\/(\w+)/g)) {
    if (resources.find(key('logging', `projects/${PROJECT}/metrics/${name}`))) continue;
    throw new ApiError(404, 'NOT_FOUND', `Cannot find metric logging.googleapis.com/user/${name}.`);
  }
}

/** An alert names channels by their names, and checks by their ids. */
function refuseIfNamed(name: string, _: Json, { resources }: Call): void {
  const id = name.split('/').at(-1);
  const policies = resources.under(key('monitoring', `projects/${PROJECT}/alertPolicies/`));
  const user = policies.find((policy) => JSON.stringify(policy).includes(String(id)));
  if (user) throw refuse(`Cannot delete ${name}: it is used by ${user.name}.`);
}

// --- Firestore ------------------------------------------------------------------------------------

const firestore: Service = (call) => {
  const { method, path, body, resources } = call;
  if (method !== 'POST' || !path.endsWith('/databases:clone')) return firestoreResources(call);
  // https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases/clone
  const { database, snapshotTime } = body.pitrSnapshot as Json;
  if (!snapshotTime) throw refuse('pitr_snapshot.snapshot_time is required.');
  const source = resources.get(key('firestore', String(database)));
  const name = path.replace(':clone', `/${body.databaseId}`);
  return done(resources, resources.create(key('firestore', name), { ...source, name }));
};

const firestoreResources = standard('firestore', (collection) => {
  if (collection === 'databases') {
    return {
      operations: true,
      adds: (name, value) => ({
        uid: 'u',
        etag: 'e',
        createTime: AT,
        versionRetentionPeriod: '3600s',
        concurrencyMode: 'PESSIMISTIC',
        appEngineIntegrationMode: 'DISABLED',
        keyPrefix: 's',
        databaseEdition: 'STANDARD',
        ...value,
        name,
      }),
      // Its indexes and schedules go with it. Backups stay.
      beforeDelete: (name, value, { resources }) => {
        if (value.deleteProtectionState === 'DELETE_PROTECTION_ENABLED') {
          throw refuse(`Database ${name} has delete protection enabled.`);
        }
        resources.forget(key('firestore', `${name}/`));
      },
    };
  }
  if (collection === 'indexes') {
    return {
      operations: true,
      adds: (name, value, { resources, method }) => {
        const fields = withDocumentName(value);
        const isSame = (other: Json) =>
          other.queryScope === value.queryScope &&
          JSON.stringify(other.fields) === JSON.stringify(fields);
        const others = resources.under(key('firestore', name.replace(/[^/]+$/, '')));
        if (method === 'POST' && others.some(isSame)) {
          throw new ApiError(409, 'ALREADY_EXISTS', 'index already exists');
        }
        return { state: 'READY', fields };
      },
    };
  }
  // One daily and one weekly schedule: https://cloud.google.com/firestore/docs/backups#create_and_manage_backup_schedules
  if (collection === 'backupSchedules') {
    return {
      adds: (name, value, { resources, method }) => {
        const others = resources.under(key('firestore', name.replace(/[^/]+$/, '')));
        const isTaken = others.some(
          (other) => Boolean(other.dailyRecurrence) === Boolean(value.dailyRecurrence),
        );
        if (method === 'POST' && isTaken) {
          throw new ApiError(
            409,
            'ALREADY_EXISTS',
            'The database already has such a backup schedule.',
          );
        }
        return { createTime: AT, updateTime: AT };
      },
    };
  }
  if (collection === 'fields') {
    return {
      operations: true,
      adds: (_, { ttlConfig }) => (ttlConfig ? { ttlConfig: { state: 'ACTIVE' } } : {}),
    };
  }
  return {};
});

/**
 * Firestore ends each index with `__name__`, in the direction of the field before it. A vector comes after it:
 * https://github.com/firebase/firebase-tools/pull/9407
 */
function withDocumentName({ fields = [] }: { fields?: Json[] }): Json[] {
  if (fields.some(({ fieldPath }) => fieldPath === '__name__')) return fields;
  const vectors = fields.filter(({ vectorConfig }) => vectorConfig);
  const others = fields.filter(({ vectorConfig }) => !vectorConfig);
  const order = others.at(-1)?.order ?? 'ASCENDING';
  return [...others, { fieldPath: '__name__', order }, ...vectors];
}

const rules = standard('firebaserules', (collection) => ({
  adds: () => ({ createTime: AT }),
  ...(collection === 'releases' && { part: 'release' }),
}));

// --- What runs the units ---------------------------------------------------------------------------

const run = standard('run', () => ({
  operations: true,
  adds: (_, { traffic }) => ({
    uid: 'u',
    etag: 'e',
    generation: '1',
    observedGeneration: '1',
    uri: 'https://stream.example.run.app',
    urls: ['https://stream.example.run.app'],
    latestReadyRevision: 'r',
    latestCreatedRevision: 'r',
    terminalCondition: { type: 'Ready', state: 'CONDITION_SUCCEEDED' },
    launchStage: 'GA',
    traffic: traffic ?? [{ type: 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST', percent: 100 }],
    trafficStatuses: [],
  }),
}));

const functions = standard('cloudfunctions', () => ({
  operations: true,
  adds: (name, { serviceConfig, buildConfig }) => ({
    state: 'ACTIVE',
    environment: 'GEN_2',
    url: `https://${name.split('/').at(-1)}.example`,
    updateTime: AT,
    serviceConfig: withRunService(name, serviceConfig as Json),
    buildConfig: {
      dockerRegistry: 'ARTIFACT_REGISTRY',
      build: 'b',
      ...withoutVersion(buildConfig as Json),
    },
  }),
}));

/** Each function is a Cloud Run service of the same name. Google adds a variable of its own. */
function withRunService(name: string, config: Json): Json {
  const environmentVariables = {
    LOG_EXECUTION_ID: 'true',
    ...(config.environmentVariables as Json),
  };
  const service = name.replace('/functions/', '/services/');
  return {
    ...config,
    environmentVariables,
    service,
    uri: `https://${name.split('/').at(-1)}.example.run.app`,
  };
}

/** Google chooses the automatic policy if none is asked for, and tells the version of the other. */
function withoutVersion(config: Json): Json {
  if (!config.onDeployUpdatePolicy) return { automaticUpdatePolicy: {}, ...config };
  return { ...config, onDeployUpdatePolicy: { runtimeVersion: 'nodejs24_20260101_24_0_0_RC00' } };
}

const tasks = standard('cloudtasks', () => ({
  adds: (_, value) => ({ state: 'RUNNING', ...value }),
  beforeDelete: (name, _, { resources }) => {
    resources.merge(`deleted queue ${name}`, {});
  },
}));

/** https://cloud.google.com/tasks/docs/deleting-queues */
const tasksWithReservedNames: Service = (call) => {
  const { method, body, resources } = call;
  if (method === 'POST' && resources.find(`deleted queue ${body.name}`)) {
    throw refuse(
      'The queue cannot be created because a queue with this name existed too recently.',
    );
  }
  return tasks(call);
};

const scheduler = standard('cloudscheduler', () => ({
  adds: (_, { retryConfig }) => ({
    state: 'ENABLED',
    retryConfig: {
      maxRetryDuration: '0s',
      minBackoffDuration: '5s',
      maxBackoffDuration: '3600s',
      maxDoublings: 5,
      ...(retryConfig as Json),
    },
  }),
}));

const triggersByName = standard('cloudbuild', () => ({
  adds: (name, { id }, { resources }) => ({
    id: id ?? `trigger-${resources.next()}`,
    createTime: AT,
    resourceName: name,
  }),
}));

/** A trigger is found by its number, and by its name: https://cloud.google.com/build/docs/api/reference/rest/v1/projects.locations.triggers/get */
const triggers: Service = (call) => {
  const [, parent, number] = /^(.*\/triggers)\/([^/]+)$/.exec(call.path) ?? [];
  const all = call.resources.under(key('cloudbuild', `${parent}/`));
  const found = all.find(({ id }) => id === number);
  return triggersByName(found ? { ...call, path: `${parent}/${found.name}` } : call);
};

const secrets: Service = (call) => {
  const { path, body, resources } = call;
  const added = /^(.*):addVersion$/.exec(path)?.[1];
  if (added !== undefined) {
    resources.get(key('secretmanager', added));
    const name = `${added}/versions/${resources.next()}`;
    resources.contents.set(name, Buffer.from(String((body.payload as Json).data), 'base64'));
    const version = {
      name,
      state: 'ENABLED',
      createTime: AT,
      clientSpecifiedPayloadChecksum: true,
    };
    return resources.create(key('secretmanager', name), version);
  }
  if (path.endsWith('/versions'))
    return { versions: resources.under(key('secretmanager', `${path}/`)) };
  if (call.method === 'DELETE') resources.forget(key('secretmanager', `${path}/`));
  return standard('secretmanager', () => ({ adds: () => ({ createTime: AT }) }))(call);
};

/** A repository goes with its images. */
const repositories = standard('artifactregistry', () => ({
  operations: true,
  beforeDelete: (name, _, { resources }) => resources.forget(key('artifactregistry', `${name}/`)),
}));

const ofOneName = (api: string) => standard(api, () => ({}));

/** An update wraps the resource: https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions/patch */
const pubsub = standard('pubsub', (collection) => ({ part: collection.slice(0, -1) }));

/** Each API: its name in `NAME.googleapis.com`, the provider's variables for its address, the version, what answers. */
export const SERVICES: { api: string; variables: string[]; path: string; answer: Service }[] = [
  {
    api: 'artifactregistry',
    variables: ['ARTIFACT_REGISTRY'],
    path: 'v1/',
    answer: (call) => artifacts(call) ?? repositories(call),
  },
  {
    api: 'billingbudgets',
    variables: ['BILLING', 'BILLING_BUDGETS'],
    path: 'v1/',
    answer: ofOneName('billingbudgets'),
  },
  {
    api: 'cloudbilling',
    variables: ['CORE_BILLING', 'CLOUD_BILLING'],
    path: 'v1/',
    answer: billing,
  },
  {
    api: 'cloudbuild',
    variables: ['CLOUD_BUILD'],
    path: 'v1/',
    answer: (call) => builds(call) ?? triggers(call),
  },
  { api: 'cloudfunctions', variables: ['CLOUDFUNCTIONS2'], path: 'v2/', answer: functions },
  {
    api: 'cloudresourcemanager',
    variables: ['RESOURCE_MANAGER', 'CLOUD_RESOURCE_MANAGER'],
    path: 'v1/',
    answer: projects,
  },
  {
    api: 'cloudresourcemanager',
    variables: ['RESOURCE_MANAGER_V3'],
    path: 'v3/',
    answer: projects,
  },
  { api: 'cloudscheduler', variables: ['CLOUD_SCHEDULER'], path: 'v1/', answer: scheduler },
  { api: 'cloudtasks', variables: ['CLOUD_TASKS'], path: 'v2/', answer: tasksWithReservedNames },
  { api: 'compute', variables: ['COMPUTE'], path: 'compute/v1/', answer: compute },
  { api: 'firebaserules', variables: ['FIREBASERULES'], path: 'v1/', answer: rules },
  { api: 'firestore', variables: ['FIRESTORE'], path: 'v1/', answer: firestore },
  { api: 'iam', variables: ['IAM', 'IAM_BETA'], path: 'v1/', answer: iam },
  { api: 'identitytoolkit', variables: ['IDENTITY_PLATFORM'], path: 'v2/', answer: identity },
  { api: 'logging', variables: ['LOGGING'], path: 'v2/', answer: ofOneName('logging') },
  { api: 'monitoring', variables: ['MONITORING'], path: '', answer: monitoring },
  { api: 'pubsub', variables: ['PUBSUB'], path: 'v1/', answer: pubsub },
  { api: 'run', variables: ['CLOUD_RUN_V2'], path: 'v2/', answer: run },
  {
    api: 'secretmanager',
    variables: ['SECRET_MANAGER'],
    path: 'v1/',
    answer: secrets,
  },
  { api: 'serviceusage', variables: ['SERVICE_USAGE'], path: 'v1/', answer: serviceUsage },
  { api: 'storage', variables: ['STORAGE'], path: 'storage/v1/', answer: storage },
];
