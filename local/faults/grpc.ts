/** Injects faults into a gRPC service, between the network and its handlers. */
import {
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import { type ChannelFaults, EXEMPT_HEADER, type Fault, type FaultCode } from './plan.ts';

/** Use it in the option `interceptors` of a grpc-js server. */
export function faultInterceptor(faults: ChannelFaults): ServerInterceptor {
  return (method, call) => {
    const operation = method.path.split('/').at(-1) ?? '';
    const isStream = method.requestStream && method.responseStream;
    let fault: Fault | undefined;
    let forget = () => {};
    let isMute = false;
    const mute = () => {
      isMute = true;
    };
    const deliver = (proceed: () => void) => {
      proceed();
      if (isStream) forget = breakLater(call, faults, fault, mute);
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            if (metadata.get(EXEMPT_HEADER).length > 0) return proceed(metadata);
            fault = faults.next(operation);
            if (fault?.kind === 'refuse') fail(call, fault.code);
            else if (fault?.kind === 'delay')
              setTimeout(deliver, fault.ms, () => proceed(metadata));
            else deliver(() => proceed(metadata));
          },
          // Called also when the call has ended without an error.
          onCancel: () => forget(),
        }),
      sendMessage: (message, next) => {
        if (isMute) return;
        // The handler has done its work. The caller does not learn that.
        if (fault?.kind === 'lose') fail(call, fault.code);
        else next(message);
        if (fault?.kind === 'cut' && !isStream) fail(call, 'UNAVAILABLE');
      },
    });
  };
}

/** @returns A function to call when the stream has ended. */
function breakLater(
  call: ServerInterceptingCallInterface,
  faults: ChannelFaults,
  fault: Fault | undefined,
  mute: () => void,
): () => void {
  const cut = () => fail(call, 'UNAVAILABLE');
  const forget = faults.onStream({ cut, mute });
  const timer = fault?.kind === 'cut' ? setTimeout(cut, fault.ms) : undefined;
  return () => {
    clearTimeout(timer);
    forget();
  };
}

/** Ends the call. Later messages of its handler are dropped. */
function fail(call: ServerInterceptingCallInterface, code: FaultCode): void {
  call.sendStatus({ code: status[code], details: `${code}: an injected fault.` });
}
