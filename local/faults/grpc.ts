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
          // Also when the call has ended in good order.
          onCancel: () => forget(),
        }),
      sendMessage: (message, next) => {
        if (isMute) return;
        // The handler has done its work: from here on only the caller does not know.
        if (fault?.kind === 'lose') fail(call, fault.code);
        else next(message);
        if (fault?.kind === 'cut' && !isStream) fail(call, 'UNAVAILABLE');
      },
    });
  };
}

/** @returns what is to be done when the stream has ended. */
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

/** Ends the call; what its handler still sends goes nowhere. */
function fail(call: ServerInterceptingCallInterface, code: FaultCode): void {
  call.sendStatus({ code: status[code], details: `${code}: an injected fault.` });
}
