/** TensorFlow.js on WebAssembly: no native code, no network. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { GraphModel } from '@tensorflow/tfjs-converter';

export type { GraphModel };

/**
 * The networks are files of @vladmandic/human, whose code is never run. Its `exports` do not list the folder, so the path
 * starts at the package's main file.
 */
const modelFile = (name: string) =>
  new URL(`../models/${name}`, import.meta.resolve('@vladmandic/human'));

let starting: ReturnType<typeof start> | undefined;

function loadTensorflow(): ReturnType<typeof start> {
  starting ??= start();
  return starting;
}

async function start() {
  const [tf, converter, wasm] = await Promise.all([
    import('@tensorflow/tfjs-core'),
    import('@tensorflow/tfjs-converter'),
    import('@tensorflow/tfjs-backend-wasm'),
  ]);
  const wasmPackage = import.meta.resolve('@tensorflow/tfjs-backend-wasm/package.json');
  wasm.setWasmPaths(fileURLToPath(new URL('./dist/', wasmPackage)));
  if (!(await tf.setBackend('wasm'))) throw new Error('TensorFlow.js has no WebAssembly here');
  return { tf, converter };
}

/** Reads the files itself, because without its native build TensorFlow.js opens only URLs. */
export async function loadNetwork(name: string): Promise<GraphModel> {
  const { converter } = await loadTensorflow();
  const { weightsManifest, ...topology } = JSON.parse(
    await readFile(modelFile(`${name}.json`), 'utf8'),
  ) as { weightsManifest: { paths: string[]; weights: never[] }[] };
  const files = await Promise.all(
    weightsManifest.flatMap(({ paths }) => paths.map((path) => readFile(modelFile(path)))),
  );
  const weightData = new Uint8Array(Buffer.concat(files)).buffer;
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  return converter.loadGraphModel({ load: async () => ({ ...topology, weightSpecs, weightData }) });
}

/**
 * @param pixels RGB of a square picture, 0 to 255.
 * @param scale Maps 0..255 to the range that the network was trained on.
 */
export async function run(
  network: GraphModel,
  side: number,
  pixels: Uint8Array,
  scale: (value: number) => number,
  outputNames?: string[],
): Promise<Float32Array[]> {
  const { tf } = await loadTensorflow();
  const input = tf.tensor(Float32Array.from(pixels, scale), [1, side, side, 3]);
  const outputs = [network.execute(input, outputNames)].flat();
  try {
    return await Promise.all(outputs.map((each) => each.data<'float32'>()));
  } finally {
    tf.dispose([input, ...outputs]);
  }
}
