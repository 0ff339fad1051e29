declare module 'heic-decode' {
  interface HeicImage {
    width: number;
    height: number;
    /** RGBA, upright. */
    decode(): Promise<{ width: number; height: number; data: Uint8ClampedArray }>;
  }
  interface HeicDecode {
    /** Reads headers only; pixels are decoded one image at a time. `dispose()` frees them. */
    all(options: { buffer: Uint8Array }): Promise<HeicImage[] & { dispose(): void }>;
  }
  const heicDecode: HeicDecode;
  export default heicDecode;
}
