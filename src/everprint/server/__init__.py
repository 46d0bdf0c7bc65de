"""The Application Server: a Django project with one app per area.

Reading order: configuration and settings, access (who may), then the areas in the order of who needs whom: people,
accounts (the ledger), providers, printers, jobs; the contract's endpoints are in providers.contract; health; pages.
Business rules are plain functions beside the models; views and endpoints only translate.
"""
