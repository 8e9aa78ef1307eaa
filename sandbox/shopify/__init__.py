"""A stand-in for a Shopify shop: the Admin GraphQL API and the shop's signed webhooks."""
