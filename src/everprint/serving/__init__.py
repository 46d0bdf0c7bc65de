"""How a part serves HTTP: uvicorn with deadlines against slow clients, TLS, and a clean stop."""
