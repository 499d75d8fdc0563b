// See wrapped.h.
#include "unit/pipeline/wrapped.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <stdexcept>

namespace sqs2pg::pipeline::testing_wrapped {

namespace {

std::string deflated(std::string_view text, int window_bits) {
    z_stream stream{};
    if (deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
    std::string out(deflateBound(&stream, text.size()) + 64, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate");
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

}  // namespace

std::string notification_of(std::string_view message) {
    std::string escaped;
    for (char c : message) {
        if (c == '"' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return R"({"Type":"Notification","MessageId":"m-1","TopicArn":"arn:t","Message":")" + escaped + "\"}";
}

std::string pointer_to(std::string_view bucket, std::string_view key, std::string_view name) {
    return "[\"" + std::string(name) + R"(",{"s3BucketName":")" + std::string(bucket) + R"(","s3Key":")" +
           std::string(key) + "\"}]";
}

std::string base64_of(std::string_view bytes) {
    std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const auto length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(length));
    return out;
}

std::string gzip_of(std::string_view text) { return deflated(text, 15 + 16); }

std::string zlib_of(std::string_view text) { return deflated(text, 15); }

}  // namespace sqs2pg::pipeline::testing_wrapped
