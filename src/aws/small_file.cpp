// Token files, see small_file.h.
#include "aws/small_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

#include <openssl/crypto.h>

namespace sqs2pg::aws {

Result<Secret> read_token_file(const std::string& path, std::size_t max_bytes) {
    auto refuse = [](std::string detail) {
        return fail(ErrorKind::Credentials, Stage::Start, "token_file", std::move(detail));
    };
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in) return refuse("cannot read " + path + ": " + std::strerror(errno != 0 ? errno : EIO));
    std::string text(max_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad()) return refuse("cannot read " + path);
    if (text.size() > max_bytes) return refuse(path + " is larger than " + std::to_string(max_bytes) + " bytes");
    constexpr std::string_view kBlank = " \t\r\n";
    auto first = text.find_first_not_of(kBlank);
    if (first == text.npos) return refuse(path + " is empty");
    Secret token(text.substr(first, text.find_last_not_of(kBlank) - first + 1));
    OPENSSL_cleanse(text.data(), text.size());
    return token;
}

}  // namespace sqs2pg::aws
