"""The Pydantic models of all requests and responses. The OpenAPI document is made from them."""
