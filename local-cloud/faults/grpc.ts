/** Injects faults into a gRPC service, between the network and its handlers. */
import { ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';
import {
  type ChannelFaults,
  EXEMPT_HEADER,
  type Fault,
  type FaultCode,
  type OpenStream,
} from './plan.ts';

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
    const end = (code: FaultCode) => {
      // A message after the status would keep grpc-js from sending the status, and the caller would wait for ever.
      mute();
      call.sendStatus({ code: status[code], details: `${code}: an injected fault.` });
    };
    const deliver = (proceed: () => void) => {
      proceed();
      if (isStream) forget = breakLater(faults, fault, { cut: () => end('UNAVAILABLE'), mute });
    };
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            if (metadata.get(EXEMPT_HEADER).length > 0) return proceed(metadata);
            fault = faults.next(operation);
            if (fault?.kind === 'refuse') end(fault.code);
            else if (fault?.kind === 'delay')
              setTimeout(deliver, fault.ms, () => proceed(metadata));
            else deliver(() => proceed(metadata));
          },
          // Also called when the call has ended without an error.
          onCancel: () => forget(),
        }),
      // Without these, nothing else is sent either.
      sendMetadata: (metadata, next) => {
        if (fault?.kind !== 'silence') next(metadata);
      },
      sendStatus: (given, next) => {
        if (fault?.kind !== 'silence' && fault?.kind !== 'stall') next(given);
      },
      sendMessage: (message, next) => {
        if (isMute) return;
        // The handler has done its work. The caller does not learn that.
        if (fault?.kind === 'lose') end(fault.code);
        else next(message);
        if (fault?.kind === 'stall') mute();
        if (fault?.kind === 'cut' && !isStream) end('UNAVAILABLE');
      },
    });
  };
}

/** @returns a function to call when the stream has ended */
function breakLater(
  faults: ChannelFaults,
  fault: Fault | undefined,
  stream: OpenStream,
): () => void {
  const forget = faults.onStream(stream);
  const timer = fault?.kind === 'cut' ? setTimeout(stream.cut, fault.ms) : undefined;
  return () => {
    clearTimeout(timer);
    forget();
  };
}
