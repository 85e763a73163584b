"""The shapes of everything that is asked and answered, as Pydantic models; the OpenAPI document is made from them."""
