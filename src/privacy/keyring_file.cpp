// Reading the key file: who else may read or write it, and what it says.
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/core.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include "privacy/keyring.h"

namespace sqs2pg::privacy {
namespace {

constexpr std::size_t kMostFileBytes = 64 * 1024;

class Descriptor {
   public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }

   private:
    int number_;
};

tl::unexpected<Error> refuse(const std::string& path, std::string_view sentence) {
    return fail(ErrorKind::Configuration, Stage::Configure, "key_file", fmt::format("{}: {}", path, sentence));
}

std::string_view why_unreadable(int code) {
    switch (code) {
        case ENOENT:
            return "there is no such key file; make one with `sqs2pg key new -o FILE`";
        case EACCES:
            return "the key file cannot be read: permission denied; make it readable for the user that runs sqs2pg";
        case EISDIR:
            return "this is a folder, not a key file";
        default:
            return "the key file cannot be read";
    }
}

}  // namespace

Result<Keyring> Keyring::load_file(const std::string& path, std::vector<std::string>& warnings) {
    Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.number() < 0) return refuse(path, why_unreadable(errno));
    struct stat about{};
    if (fstat(file.number(), &about) != 0) return refuse(path, why_unreadable(errno));
    if (S_ISDIR(about.st_mode)) return refuse(path, why_unreadable(EISDIR));
    if (!S_ISREG(about.st_mode) && !S_ISFIFO(about.st_mode)) return refuse(path, "this is not a file");
    if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        return refuse(path,
                      "the key file is writable by its group or by everybody, so anybody may have changed the keys; "
                      "`chmod go-w` it after making sure that they are yours");
    }
    if ((about.st_mode & S_IROTH) != 0) {
        warnings.push_back(
            fmt::format("{}: the key file is readable by everybody on this machine; `chmod o-r` it "
                        "(in Kubernetes: defaultMode 0440 or 0400)",
                        path));
    }

    std::string text;
    text.reserve(kMostFileBytes + 1);  // growing would leave copies of the keys behind
    std::array<char, 4096> buffer;
    bool failed = false;
    while (text.size() <= kMostFileBytes) {
        auto got = read(file.number(), buffer.data(), std::min(buffer.size(), kMostFileBytes + 1 - text.size()));
        if (got < 0 && errno == EINTR) continue;
        failed = got < 0;
        if (got <= 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    OPENSSL_cleanse(buffer.data(), buffer.size());
    Secret content(std::move(text));
    if (failed) return refuse(path, why_unreadable(EIO));
    return parse(content.reveal(), path);
}

}  // namespace sqs2pg::privacy
