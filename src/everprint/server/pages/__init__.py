"""The web pages: what people see and do in a browser. Rules live beside the models; here they are only shown."""
