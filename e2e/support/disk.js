// A folder of small model files: real headers, and next to nothing but holes instead of data.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, openSync, ftruncateSync, closeSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const MODULES = {
  sd1: ['lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k', 768],
  sdxl: ['lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k', 2048],
};

export class Disk {
  folder = mkdtempSync(join(tmpdir(), 'genonaut-models-'));

  /** A LoRA for `sd1` or `sdxl`, and what a file beside it says. Its name is in its header, so that no two are copies. */
  lora(name, base, said) {
    const [module, width] = MODULES[base];
    this.#safetensors(`${name}.safetensors`, { [`${module}.lora_down.weight`]: [4, width], [`${module}.lora_up.weight`]: [640, 4] });
    if (said) this.write(`${name}.civitai.info`, JSON.stringify(said));
  }

  write(name, bytes) {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }

  remove(...names) {
    for (const name of names) rmSync(join(this.folder, name));
  }

  clear() {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #safetensors(name, tensors) {
    const header = { __metadata__: { note: join(this.folder, name) } };
    let end = 0;
    for (const [tensor, shape] of Object.entries(tensors)) {
      const begin = end;
      end += shape[0] * shape[1] * 2;
      header[tensor] = { dtype: 'F16', shape, data_offsets: [begin, end] };
    }
    const text = Buffer.from(JSON.stringify(header)), length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    const file = openSync(join(this.folder, name), 'w');
    writeSync(file, Buffer.concat([length, text]));
    ftruncateSync(file, 8 + text.length + end);
    // A trace of the header: files with equal tensors would be one model.
    writeSync(file, createHash('sha256').update(text).digest(), 0, 8, 8 + text.length + Math.floor(end / 2));
    closeSync(file);
  }
}
