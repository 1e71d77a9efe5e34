// SPDX-License-Identifier: Apache-2.0
#include "net/descriptor_shares.hpp"

#include <gtest/gtest.h>
#include <vector>

using namespace troupe::net;

TEST(descriptor_shares, cuts_a_limit_so_that_something_is_left) {
  const struct {
    size_t limit, pages, each;
  } cases[] = {
    {64, 6, 21},
    {1024, 96, 336},
    {4096, 480, 1680},
    {1'048'576, 1024, 523'648},
  };
  for (const auto& c : cases) {
    const descriptor_shares shares{c.limit};
    EXPECT_EQ(shares.most(descriptor_use::pages), c.pages) << c.limit;
    EXPECT_EQ(shares.most(descriptor_use::clients), c.each) << c.limit;
    EXPECT_EQ(shares.most(descriptor_use::upstreams), c.each) << c.limit;
    EXPECT_LT(c.pages + 2 * c.each, c.limit) << c.limit;
  }
}

TEST(descriptor_shares, one_use_does_not_take_from_another_and_gives_back) {
  descriptor_shares shares{64};
  std::vector<descriptor_place> places;
  for (size_t i = 0; i < shares.most(descriptor_use::upstreams); ++i)
    EXPECT_TRUE(places.emplace_back(descriptor_use::upstreams, shares));
  EXPECT_FALSE((descriptor_place{descriptor_use::upstreams, shares}));
  EXPECT_TRUE((descriptor_place{descriptor_use::clients, shares}));
  EXPECT_EQ(shares.taken(descriptor_use::clients), 0u);
  places.pop_back();
  EXPECT_TRUE((descriptor_place{descriptor_use::upstreams, shares}));
  descriptor_place moved = std::move(places.front());
  places.clear();
  EXPECT_EQ(shares.taken(descriptor_use::upstreams), 1u);
}
