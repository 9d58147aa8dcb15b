import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { encodeCall, encodeSetup, renameCall } from './calls.ts';
import { modelService, VARIANT } from './protocol.ts';
import { decodeVariant } from './variant.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const json = (text: string) => ({ type: VARIANT.JSON, value: Buffer.from(text) });

const SETUP = '0a 17 63 72 75 6e 63 68 65 72 2e 4d 6f 64 65 6c 42 61 73 65 43 6c 61 73 73';
const PREDICT =
  '0a 07 70 72 65 64 69 63 74 12 0f 08 01 12 0b 10 03 1a 07 42 54 43 55 53 44 54 12 10 08 02 12 0c 10 02 1a 08 ' +
  '3c 00 00 00 00 00 00 00 12 10 08 03 12 0c 10 02 1a 08 0f 00 00 00 00 00 00 00';
const FEED_UPDATE =
  '0a 0b 66 65 65 64 5f 75 70 64 61 74 65 12 19 08 01 12 15 10 06 1a 11 7b 22 73 79 6d 62 6f 6c 22 3a 20 22 42 54 ' +
  '43 22 7d';

const responses = [
  {
    name: 'SUCCESS with JSON',
    wire: '0a 09 0a 07 53 55 43 43 45 53 53 12 12 10 06 1a 0e 7b 22 76 61 6c 75 65 22 3a 20 30 2e 35 7d',
    message: { status: { code: 'SUCCESS' }, methodResponse: json('{"value": 0.5}') },
    result: { value: 0.5 },
  },
  {
    name: 'SUCCESS with a DOUBLE',
    wire: '0a 09 0a 07 53 55 43 43 45 53 53 12 0c 10 01 1a 08 00 00 00 00 00 00 f8 3f',
    message: {
      status: { code: 'SUCCESS' },
      methodResponse: { type: VARIANT.DOUBLE, value: bytes('00 00 00 00 00 00 f8 3f') },
    },
    result: 1.5,
  },
  {
    name: 'SUCCESS with nothing',
    wire: '0a 09 0a 07 53 55 43 43 45 53 53',
    message: { status: { code: 'SUCCESS' } },
    result: undefined,
  },
  {
    name: 'MODEL_FAILED',
    wire: '0a 14 0a 0c 4d 4f 44 45 4c 5f 46 41 49 4c 45 44 12 04 62 6f 6f 6d',
    message: { status: { code: 'MODEL_FAILED', message: 'boom' } },
    result: undefined,
  },
] as const;

describe('golden messages', () => {
  it('writes and reads Setup', () => {
    assert.equal(hex(encodeSetup('cruncher.ModelBaseClass')), hex(bytes(SETUP)));
    assert.equal(modelService.setup.requestDeserialize(bytes(SETUP)).className, 'cruncher.ModelBaseClass');
  });

  it('writes and reads a call of predict', () => {
    const call = encodeCall('predict', [
      { type: 'STRING', value: 'BTCUSDT' },
      { type: 'INT', value: 60 },
      { type: 'INT', value: 15n },
    ]);
    assert.equal(hex(call.bytes), hex(bytes(PREDICT)));
    const { methodName, methodArguments } = modelService.call.requestDeserialize(bytes(PREDICT));
    assert.equal(methodName, 'predict');
    assert.deepEqual(
      methodArguments?.map(({ position, data }) => [position, decodeVariant(data)]),
      [
        [1, 'BTCUSDT'],
        [2, 60],
        [3, 15],
      ],
    );
  });

  it('writes and reads a call of feed_update', () => {
    const methodArguments = [{ position: 1, data: json('{"symbol": "BTC"}') }];
    const written = modelService.call.requestSerialize({ methodName: 'feed_update', methodArguments });
    assert.equal(hex(written), hex(bytes(FEED_UPDATE)));
    const ours = modelService.call.requestDeserialize(
      encodeCall('feed_update', [{ type: 'JSON', value: { symbol: 'BTC' } }]).bytes,
    );
    assert.deepEqual(decodeVariant(ours.methodArguments?.[0]?.data), { symbol: 'BTC' });
  });

  for (const { name, wire, message, result } of responses) {
    it(`writes and reads a response: ${name}`, () => {
      assert.equal(hex(modelService.call.responseSerialize(message)), hex(bytes(wire)));
      const read = modelService.call.responseDeserialize(bytes(wire));
      assert.deepEqual({ ...read.status }, message.status);
      assert.deepEqual(decodeVariant(read.methodResponse), result);
    });
  }

  it('passes arguments with a keyword by keyword', () => {
    const call = encodeCall('predict', [
      { type: 'STRING', value: 'BTC' },
      { type: 'INT', value: 60, keyword: 'horizon' },
      { type: 'DOUBLE', value: 0.5 },
    ]);
    const { methodArguments = [], methodKwArguments = [] } = modelService.call.requestDeserialize(call.bytes);
    assert.deepEqual(
      methodArguments.map(({ position, data }) => [position, decodeVariant(data)]),
      [
        [1, 'BTC'],
        [2, 0.5],
      ],
    );
    assert.deepEqual(
      methodKwArguments.map(({ keyword, data }) => [keyword, decodeVariant(data)]),
      [['horizon', 60]],
    );
    assert.equal(hex(renameCall(renameCall(call, 'ask'), 'predict').bytes), hex(call.bytes));
  });

  it('makes an object with keyword arguments of the types Python has', () => {
    const values = { whole: 3, part: 0.5, text: 'x', yes: true, nothing: null, list: [1], beyond: 2 ** 60 };
    const { instanceKwArguments = [] } = modelService.setup.requestDeserialize(encodeSetup('a.B', values));
    assert.deepEqual(
      instanceKwArguments.map(({ keyword, data }) => [keyword, data?.type, decodeVariant(data)]),
      [
        ['whole', VARIANT.INT, 3],
        ['part', VARIANT.DOUBLE, 0.5],
        ['text', VARIANT.STRING, 'x'],
        ['yes', VARIANT.JSON, true],
        ['nothing', VARIANT.JSON, null],
        ['list', VARIANT.JSON, [1]],
        ['beyond', VARIANT.DOUBLE, 2 ** 60],
      ],
    );
  });

  it('renames a call without touching its arguments, once', () => {
    const call = encodeCall('feed_update', [{ type: 'JSON', value: { symbol: 'BTC' } }]);
    const tick = renameCall(call, 'tick');
    assert.equal(hex(tick.bytes), hex(encodeCall('tick', [{ type: 'JSON', value: { symbol: 'BTC' } }]).bytes));
    assert.equal(renameCall(call, 'tick'), tick);
  });

  it('keeps the paths of existing peers', () => {
    assert.equal(modelService.setup.path, '/dynamic_subclass.DynamicSubclassService/Setup');
    assert.equal(modelService.call.path, '/dynamic_subclass.DynamicSubclassService/Call');
    assert.equal(modelService.rest.path, '/dynamic_subclass.DynamicSubclassService/Rest');
    assert.equal(modelService.rest.requestSerialize({}).length, 0);
  });
});
