// What a queue's URL tells about the queue, see protocol.h.
#include "sqs/protocol.h"

namespace sqs2pg::sqs {
namespace {

// The path without its slashes at the ends, without the query.
std::string_view path_of(std::string_view queue_url) {
    auto scheme = queue_url.find("://");
    if (scheme != queue_url.npos) {
        queue_url.remove_prefix(scheme + 3);
        auto slash = queue_url.find('/');
        queue_url = slash == queue_url.npos ? std::string_view() : queue_url.substr(slash);
    }
    queue_url = queue_url.substr(0, queue_url.find('?'));
    while (queue_url.ends_with('/')) queue_url.remove_suffix(1);
    while (queue_url.starts_with('/')) queue_url.remove_prefix(1);
    return queue_url;
}

}  // namespace

std::string queue_name_of(std::string_view queue_url) {
    auto path = path_of(queue_url);
    return std::string(path.substr(path.rfind('/') + 1));
}

std::string queue_identity(std::string_view queue_url) {
    auto path = path_of(queue_url);
    auto before_name = path.rfind('/');
    if (before_name == path.npos) return "/" + std::string(path);
    auto before_account = before_name == 0 ? path.npos : path.rfind('/', before_name - 1);
    return std::string(before_account == path.npos ? path : path.substr(before_account + 1));
}

}  // namespace sqs2pg::sqs
