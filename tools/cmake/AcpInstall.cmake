# Install and export: find_package(acp_cep) gives acp::* and cep::* targets.
