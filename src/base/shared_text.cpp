// See shared_text.h.
#include "base/shared_text.h"

#include <cstring>
#include <stdexcept>

namespace sqs2pg {

SharedText SharedText::copy_of(std::string_view text) { return SharedMemory(text.size()).append(text); }

SharedMemory::SharedMemory(std::size_t bytes) : bytes_(bytes) {
    if (bytes == 0) return;
    memory_ = std::make_shared_for_overwrite<char[]>(bytes + SharedText::kRoom);
    std::memset(memory_.get() + bytes, 0, SharedText::kRoom);
}

SharedText SharedMemory::append(std::string_view text) {
    if (text.empty()) return {};
    if (text.size() > left()) throw std::logic_error("more text than was asked memory for");
    char* place = memory_.get() + used_;
    std::memcpy(place, text.data(), text.size());
    used_ += text.size();
    return {memory_, {place, text.size()}};
}

SharedText TextShelf::put(std::string_view text) {
    if (text.size() > kLong) return text;
    if (text.size() > piece_.left()) piece_ = SharedMemory(kPiece);
    return piece_.append(text);
}

}  // namespace sqs2pg
