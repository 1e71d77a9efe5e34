// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "actors/forwarding/upstream_choice.hpp"
#include "actors/forwarding/upstreams.hpp"
#include "actors/questions/lost_questions.hpp"
#include "actors/questions/question_key.hpp"
#include "messages/forward.hpp"
#include "messages/supervision.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

namespace troupe {

/// One `forward` directive: chooses upstreams for the questions of all loops, asks the next when one fails, and lets
/// identical questions in flight share one exchange. Owns: the questions in flight. Pinned. Restarts: the fronts are
/// told that their questions were lost and ask again.
class forward final : public pinned<forward_actor> {
public:
  static constexpr std::chrono::seconds file_interval{5}; ///< between looks at resolv.conf

  /// How the supervisor is to start the UPSTREAM of a new address.
  using upstream_maker = std::function<child_ptr(const std::shared_ptr<upstream_state>&)>;

  forward(caf::actor_config& cfg, actor_context& shared, const actor_identity& who, scheduled_loop* home,
          forward_group& group, upstream_maker make_upstream);

  const char* name() const override { return "forward"; }

protected:
  behavior_type make_behavior() override;
  void on_exit() override;

private:
  struct asking {
    uint16_t number; ///< of the attempt
    std::shared_ptr<upstream_state> whom;
  };
  struct flight {
    shared_query question;
    net::exchange_wish wish;
    std::vector<reply_token<forwarded>> waiting;
    upstream_choice choice;
    std::vector<asking> under_way; ///< the latest last; more than one if those before it are in doubt
    uint16_t attempts = 0;         ///< number of the latest
    bool again = false;            ///< is to be asked again, since the UPSTREAM died with the latest
    unsigned losses = 0;           ///< times that it did
    std::shared_ptr<const std::string> error;
    bool noted = false;          ///< some who wait want to know who was asked last
    net::answer_notes_ptr notes; ///< then that

    question_key key() const { return key_of(*question, wish); }
    /// Who was asked last and has not answered yet; null if there is nobody.
    const upstream_state* latest() const noexcept {
      return under_way.empty() || under_way.back().number != attempts ? nullptr : under_way.back().whom.get();
    }
  };
  static question_key key_of(const dns::query& q, const net::exchange_wish& wish) {
    return {q, recursion_desired_bit | checking_disabled_bit,
            static_cast<uint8_t>(index_of(wish.over) + dns::protocols.size() * static_cast<size_t>(wish.truncated))};
  }
  /// What an UPSTREAM is to say of an exchange: of which flight it is, and which of its attempts.
  static constexpr unsigned attempt_bits = 16;

  void on_resolve(resolve& message);
  void on_exchanged(exchanged& message);
  void on_again(unsigned losses);
  void on_lost(uint64_t token, flight& lookup, const std::shared_ptr<upstream_state>& with);
  void on_doubted(const doubted& message);
  net::exchange_wish wish_of(const resolve& message) const;
  void attempt(uint64_t token, flight& lookup);
  void end(uint64_t token, const forwarded& outcome);
  void arm_timer();
  void follow_files();

  forward_group& group_;
  const upstream_maker make_upstream_;
  upstream_list upstreams_;
  upstream_rotation rotation_;
  size_t waiting_ = 0; ///< clients, all flights together
  uint64_t next_token_ = 0;
  boost::unordered_flat_map<uint64_t, std::unique_ptr<flight>> flights_;
  boost::unordered_flat_map<question_key, uint64_t> by_question_;
  lost_questions lost_;
  net::loop::timer_id timer_ = 0;
};

} // namespace troupe
