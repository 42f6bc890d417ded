"""Files of people from elsewhere: Chatwoot, Zendesk, any sheet; read line by line, tried before they are taken in."""
