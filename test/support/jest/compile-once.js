/**
 * Jest loads each module anew for each test file. With this, V8 compiles it once for all files of a worker: the next one
 * gets what it made then: a tenth of the CPU time of a test file. It can go when Jest passes `cachedData`.
 */
import vm from 'node:vm';

/** By the name of a file, its code and what V8 made of it. */
const compiled = new Map();

function knownOf(name, code) {
  const known = compiled.get(name);
  return known?.code === code ? known.data : undefined;
}

const { compileFunction, SourceTextModule } = vm;

vm.compileFunction = (code, parameters, options) => {
  const name = options?.filename;
  const cachedData = knownOf(name, code);
  const produceCachedData = cachedData === undefined;
  const made = compileFunction(code, parameters, { ...options, cachedData, produceCachedData });
  if (produceCachedData) compiled.set(name, { code, data: made.cachedData });
  // V8 takes nothing that it made with other flags: it has compiled anew.
  else if (made.cachedDataRejected) compiled.delete(name);
  return made;
};

const handler = {
  construct(Module, [code, options]) {
    const { identifier: name } = options;
    const cachedData = knownOf(name, code);
    if (cachedData !== undefined) {
      try {
        return new Module(code, { ...options, cachedData });
      } catch (error) {
        if (error.code !== 'ERR_VM_MODULE_CACHED_DATA_REJECTED') throw error;
      }
    }
    const module = new Module(code, options);
    compiled.set(name, { code, data: module.createCachedData() });
    return module;
  },
};
// Without --experimental-vm-modules Node has none.
if (SourceTextModule) vm.SourceTextModule = new Proxy(SourceTextModule, handler);
