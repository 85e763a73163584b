"""Optional reports to outside services: errors to Sentry, traces by OpenTelemetry. Off unless a setting names one.

Neither sends what strangers wrote or a secret: errors go without their messages, traces without texts.
"""
