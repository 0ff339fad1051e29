/** Registers the service worker where the page is installed as an app: only there can other apps share files with it. */
export function serveInstalledApp(): void {
  // On other pages than those by https, the types promise too much.
  const { serviceWorker }: { serviceWorker?: ServiceWorkerContainer } = navigator;
  if (!serviceWorker) return;
  const register = () => void registerWorker(serviceWorker).catch(reportError);
  if (matchMedia('(display-mode: standalone)').matches) register();
  addEventListener('appinstalled', register);
}

/** @returns when it is at work */
export async function registerWorker(
  container: ServiceWorkerContainer,
): Promise<ServiceWorkerRegistration> {
  await container.register('/service-worker.js', { type: 'module' });
  return container.ready;
}
