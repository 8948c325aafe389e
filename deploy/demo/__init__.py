"""The story of `make demo`: one referral all the way, through public interfaces only."""
