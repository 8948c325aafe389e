"""What the services offer, to read in a browser: their HTTP operations, their events, their metrics."""

from deploy.local.documents.app import create_documents

__all__ = ["create_documents"]
