/** Faults of a gRPC service, between the wire and its handlers. */
import {
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import { type ChannelFaults, EXEMPT_HEADER, type Fault, type FaultCode } from './plan.ts';

/** For the option `interceptors` of a grpc-js server. */
export function faultInterceptor(faults: ChannelFaults): ServerInterceptor {
  return (method, call) => {
    const operation = method.path.split('/').at(-1) ?? '';
    const isStream = method.requestStream && method.responseStream;
    let fault: Fault | undefined;
    const deliver = (proceed: () => void): void => {
      if (fault?.kind === 'refuse') {
        fail(call, fault.code);
        return;
      }
      if (fault?.kind === 'delay') return void setTimeout(proceed, fault.ms);
      proceed();
      if (isStream) breakLater(call, faults, fault);
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            if (metadata.get(EXEMPT_HEADER).length > 0) return proceed(metadata);
            fault = faults.next(operation);
            deliver(() => proceed(metadata));
          },
        }),
      sendMessage: (message, next) => {
        // The handler has done its work: from here on only the caller does not know.
        if (fault?.kind === 'lose') fail(call, fault.code);
        else next(message);
        if (fault?.kind === 'cut' && !isStream) fail(call, 'UNAVAILABLE');
      },
    });
  };
}

function breakLater(
  call: ServerInterceptingCallInterface,
  faults: ChannelFaults,
  fault: Fault | undefined,
): void {
  const cut = () => {
    forget();
    clearTimeout(timer);
    fail(call, 'UNAVAILABLE');
  };
  const forget = faults.onCut(cut);
  const timer = fault?.kind === 'cut' ? setTimeout(cut, fault.ms) : undefined;
}

/** Ends the call; what its handler still sends goes nowhere. */
function fail(call: ServerInterceptingCallInterface, code: FaultCode): void {
  call.sendStatus({ code: status[code], details: `${code}: an injected fault.` });
}
