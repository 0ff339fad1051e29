/** Registers the service worker if the page is installed as an app: only there can other apps share files with it. */
export function serveInstalledApp(): void {
  // Without HTTPS, `serviceWorker` is undefined, unlike its type.
  const { serviceWorker }: { serviceWorker?: ServiceWorkerContainer } = navigator;
  if (!serviceWorker) return;
  const register = () => void registerWorker(serviceWorker).catch(reportError);
  if (matchMedia('(display-mode: standalone)').matches) register();
  addEventListener('appinstalled', register);
}

/** @returns when it is active */
export async function registerWorker(
  container: ServiceWorkerContainer,
): Promise<ServiceWorkerRegistration> {
  await container.register('/service-worker.js', { type: 'module' });
  return container.ready;
}
