#include "load.h"

#include <string.h>
#include <zlib.h>

long frame_parse(const uint8_t *bytes, size_t count, struct frame *frame) {
    if (count < 2) return 0;
    // A server's frame is unmasked; Martlet sends none in pieces, and only the first reserved bit can be in use.
    if ((bytes[0] & 0xB0) != 0x80 || (bytes[1] & 0x80) != 0) return -1;
    frame->opcode = bytes[0] & 0x0F;
    frame->compressed = (bytes[0] & 0x40) != 0;
    size_t length = bytes[1], header = 2;
    if (length >= 126) {
        size_t width = length == 126 ? 2 : 8;
        if (count < 2 + width) return 0;
        length = 0;
        for (size_t index = 0; index < width; index++) length = length << 8 | bytes[2 + index];
        header += width;
        if (length > 1 << 30) return -1;
    }
    if (count < header + length) return 0;
    frame->payload = bytes + header;
    frame->length = length;
    return (long)(header + length);
}

size_t frame_write(uint8_t *out, uint8_t opcode, const void *payload, size_t length) {
    // RFC 6455 wants the mask to be unpredictable, for the sake of proxies; there is none on loopback.
    static const uint8_t mask[4] = {0x5A, 0xC3, 0x17, 0x9E};
    size_t header = 2;
    out[0] = 0x80 | opcode;
    if (length < 126) {
        out[1] = 0x80 | (uint8_t)length;
    } else {
        out[1] = 0x80 | 126;
        out[2] = (uint8_t)(length >> 8);
        out[3] = (uint8_t)length;
        header = 4;
    }
    memcpy(out + header, mask, 4);
    header += 4;
    for (size_t index = 0; index < length; index++)
        out[header + index] = ((const uint8_t *)payload)[index] ^ mask[index & 3];
    return header + length;
}

bool frame_inflate(struct frame *frame) {
    static uint8_t input[1 << 18], output[1 << 20];
    static z_stream stream;
    static bool is_ready;
    if (!is_ready && inflateInit2(&stream, -15) != Z_OK) return false;
    is_ready = true;
    if (frame->length + 4 > sizeof input || inflateReset(&stream) != Z_OK) return false;
    // RFC 7692, section 7.2.2: the sender has cut off the end of an empty block.
    memcpy(input, frame->payload, frame->length);
    memcpy(input + frame->length, "\x00\x00\xFF\xFF", 4);
    stream.next_in = input;
    stream.avail_in = (uInt)frame->length + 4;
    stream.next_out = output;
    stream.avail_out = sizeof output;
    int status = inflate(&stream, Z_SYNC_FLUSH);
    if ((status != Z_OK && status != Z_STREAM_END) || stream.avail_out == 0) return false;
    frame->payload = output;
    frame->length = sizeof output - stream.avail_out;
    return true;
}
