// Signs what a test hands it, a request a line, so that another signer can be held against ours.
// A line is fields in hex with blanks between: mode (standard, s3, presign), service, region, key id, secret, token,
// wall clock in ms, method, target, body, then names and values of headers in turn. The answer is the Authorization
// header, or the presigned target.
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "aws/presign.h"
#include "aws/sigv4.h"

namespace {

using namespace sqs2pg;

std::string from_hex(const std::string& text) {
    std::string out;
    for (std::size_t i = 1; i + 1 < text.size(); i += 2) {
        out += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    }
    return out;
}

std::string answer(const std::vector<std::string>& fields) {
    aws::Credentials keys;
    keys.access_key_id = fields.at(3);
    keys.secret_access_key = Secret(fields.at(4));
    keys.session_token = Secret(fields.at(5));
    auto now_ms = std::stoll(fields.at(6));
    const auto& mode = fields.at(0);
    std::vector<aws::Header> headers;
    for (std::size_t i = 10; i + 1 < fields.size(); i += 2) headers.emplace_back(fields[i], fields[i + 1]);
    if (mode == "presign") {
        aws::PresignRequest request{.method = fields.at(7),
                                    .host = headers.at(0).second,
                                    .target = fields.at(8),
                                    .region = fields.at(2),
                                    .service = fields.at(1)};
        return std::string(aws::presigned_target(keys, request, now_ms).reveal());
    }
    bool s3 = mode == "s3";
    aws::Signer signer(fields.at(2), fields.at(1),
                       {.normalize_path = !s3, .double_encode_path = !s3, .send_content_sha256 = s3});
    signer.sign(keys, fields.at(7), fields.at(8), headers, fields.at(9), now_ms);
    return headers.back().second;
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::vector<std::string> fields;
        for (std::string word; words >> word;) fields.push_back(from_hex(word));
        std::cout << answer(fields) << '\n';
    }
    return 0;
}
