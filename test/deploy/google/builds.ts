/** Cloud Build, as far as it makes the stream's image, and the images of Artifact Registry. */
import { createHash } from 'node:crypto';
import { AT, key, PROJECT } from './names.ts';
import type { Call } from './request.ts';
import { ApiError, type Json } from './resources.ts';

/** `projects/P[/locations/L]/builds[/ID]`; undefined for other calls. */
export function builds({ method, path, body, resources }: Call): Json | undefined {
  const operation = /^operations\/build\/[^/]+\/(.+)$/.exec(path)?.[1];
  if (operation !== undefined) {
    const id = Buffer.from(operation, 'base64url').toString();
    return { name: path, done: true, metadata: { build: resources.get(key('cloudbuild', id)) } };
  }
  const [, , id] = /^projects\/[^/]+(\/locations\/[^/]+)?\/builds(?:\/([^/:]+))?$/.exec(path) ?? [];
  if (id !== undefined) return resources.get(key('cloudbuild', id));
  if (method !== 'POST' || !path.endsWith('/builds')) return undefined;
  return create(body, resources);
}

function create(body: Json, resources: Call['resources']): Json {
  const id = `00000000-0000-4000-8000-${resources.next().padStart(12, '0')}`;
  const { _IMAGE: image = '' } = (body.substitutions ?? {}) as Record<string, string>;
  const [, location, repository, name, tag] =
    /^([a-z0-9-]+)-docker\.pkg\.dev\/[^/]+\/([^/]+)\/([^/:]+):(.+)$/.exec(image) ?? [];
  const parent = `projects/${PROJECT}/locations/${location}/repositories/${repository}`;
  const isThere = resources.find(key('artifactregistry', parent)) !== undefined;
  const digest = `sha256:${createHash('sha256').update(image).digest('hex')}`;
  if (isThere) {
    const version = `${parent}/packages/${name}/versions/${digest}`;
    resources.replace(key('artifactregistry', version), {
      name: version,
      createTime: AT,
      updateTime: AT,
      metadata: { imageSizeBytes: '1', mediaType: 'm', name: version },
    });
    const tagName = `${parent}/packages/${name}/tags/${tag}`;
    resources.replace(key('artifactregistry', tagName), { name: tagName, version });
  }
  const build = resources.replace(key('cloudbuild', id), {
    ...body,
    id,
    projectId: PROJECT,
    createTime: AT,
    startTime: AT,
    finishTime: AT,
    name: `projects/${PROJECT}/locations/global/builds/${id}`,
    status: isThere ? 'SUCCESS' : 'FAILURE',
    logUrl: `https://console.cloud.google.com/cloud-build/builds/${id}?project=${PROJECT}`,
    images: [image],
    results: { images: isThere ? [{ name: image, digest }] : [] },
  });
  const name64 = Buffer.from(id).toString('base64url');
  return { name: `operations/build/${PROJECT}/${name64}`, metadata: { build } };
}

/** Tags and versions of images; undefined for other calls. */
export function artifacts({ method, path, resources }: Call): Json | undefined {
  if (!/\/packages\//.test(path) || method !== 'GET') return undefined;
  const found = resources.find(key('artifactregistry', path));
  if (found) return found;
  const [, collection] = /\/(tags|versions)$/.exec(path) ?? [];
  if (collection === undefined) throw new ApiError(404, 'NOT_FOUND', `${path} was not found.`);
  return { [collection]: resources.under(key('artifactregistry', `${path}/`)) };
}
