// Groups, deduplication ids and receive attempts of a FIFO queue.
#include "devqueue/fifo.h"

#include <fmt/format.h>

namespace sqs2pg::devqueue {

std::string sequence_text(std::uint64_t sequence) { return fmt::format("18{:018}", sequence); }

void FifoGroups::add(StoredMessage& message) {
    auto& extras = *message.content.extras;
    auto& group = groups_[extras.group_id];
    if (group.id.empty()) group.id = extras.group_id;
    extras.group = &group;
    group.messages.emplace_hint(group.messages.end(), extras.sequence, &message);
}

void FifoGroups::remove(StoredMessage& message) {
    auto& extras = *message.content.extras;
    auto& group = *std::exchange(extras.group, nullptr);
    group.messages.erase(extras.sequence);
    refresh(group);
    if (group.messages.empty() && !group.held) groups_.erase(std::string(group.id));
}

void FifoGroups::refresh(FifoGroup& group) {
    if (group.held) return;
    bool open = !group.messages.empty() && group.messages.begin()->second->place == Place::Visible;
    if (open == group.available) return;
    group.available = open;
    if (open) {
        available_.add(group);
    } else {
        available_.remove(group);
    }
}

FifoGroup* FifoGroups::hold_first() {
    auto* group = available_.first();
    if (group == nullptr) return nullptr;
    available_.remove(*group);
    group->available = false;
    group->held = true;
    return group;
}

void FifoGroups::release(FifoGroup& group) {
    group.held = false;
    refresh(group);
    if (group.messages.empty()) groups_.erase(std::string(group.id));
}

void Deduplication::forget_old(Millis now) {
    while (!ages_.empty() && ages_.front().first + kFifoInterval <= now) {
        accepted_.erase(accepted_.find(*ages_.front().second));
        ages_.pop_front();
    }
}

const AcceptedSend* Deduplication::find(const std::string& key, Millis now) {
    forget_old(now);
    auto found = accepted_.find(key);
    return found == accepted_.end() ? nullptr : &found->second;
}

bool Deduplication::remember(std::string key, AcceptedSend accepted, Millis now) {
    forget_old(now);
    if (accepted_.size() >= kMaxDeduplicationIds) return false;
    auto [entry, fresh] = accepted_.emplace(std::move(key), accepted);
    if (fresh) ages_.emplace_back(now, &entry->first);
    return true;
}

void Deduplication::clear() {
    ages_.clear();
    accepted_.clear();
}

const std::vector<Handle>* ReceiveAttempts::find(const std::string& id, Millis now) {
    while (!ages_.empty() && (ages_.front().made + kFifoInterval <= now || ages_.size() > kMaxReceiveAttempts)) {
        // The id may have been used again since: then a younger entry of ages_ speaks for it.
        auto found = attempts_.find(ages_.front().id);
        if (found != attempts_.end() && found->second.number == ages_.front().number) attempts_.erase(found);
        ages_.pop_front();
    }
    auto found = attempts_.find(id);
    return found == attempts_.end() ? nullptr : &found->second.handles;
}

void ReceiveAttempts::remember(const std::string& id, std::vector<Handle> handles, Millis now) {
    attempts_.insert_or_assign(id, Attempt{++last_number_, std::move(handles)});
    ages_.push_back({now, last_number_, id});
}

void ReceiveAttempts::clear() {
    ages_.clear();
    attempts_.clear();
}

}  // namespace sqs2pg::devqueue
