import type { RuleText } from './rule-text.ts';

/** Refusals of the questions "whose device is it?" and "which tenant is meant?". */
export const TENANT_REFUSALS = {
  'tenant.no-anchor-found': {
    cites: 'REQ-3, RFC 5280 §6.1',
    requires: 'a path of signatures leads from the device certificate to a certificate that a tenant trusts',
    remedy: 'Upload the CA certificate that issued the topmost certificate of the chain, or send the missing intermediates.',
  },
  'tenant.anchor-disabled': {
    cites: 'D-4',
    requires: 'the trusted certificate at the end of the path is enabled',
    remedy: 'Enable the trusted certificate, or connect with a certificate of another CA.',
  },
  'tenant.anchor-inert': {
    cites: 'D-6',
    requires: 'possession of a CA that touches another tenant’s trust is proven',
    remedy: 'Prove possession of the CA’s private key.',
  },
  'tenant.ambiguous': {
    cites: 'D-5',
    requires: 'the certificate leads to one tenant, or the user name, proof of possession or server name chooses among several',
    remedy: 'Connect with the tenant id as MQTT user name.',
  },
  'tenant.suspended': {
    cites: 'T13',
    requires: 'the tenant is active',
    remedy: 'Ask the operator of the instance to activate the tenant.',
  },
  'tenant.unknown': {
    cites: 'wire-contract §1.5',
    requires: 'the tenant exists',
    remedy: 'List the tenants and check the id.',
  },
  'tenant.malformed-id': {
    cites: 'T16',
    requires: 'a tenant id has 1–32 characters of a–z, 0–9, - and _, a letter or digit first',
    remedy: 'Choose another id.',
  },
  'tenant.malformed-domain': {
    cites: 'D-12, RFC 1123 §2.1',
    requires: 'the domain is a host name',
    remedy: 'Give a host name without scheme or port.',
  },
  'tenant.already-exists': {
    cites: 'D-5',
    requires: 'no other tenant has this id',
    remedy: 'Choose another id.',
  },
  'tenant.domain-taken': {
    cites: 'D-12',
    requires: 'no other tenant has this domain',
    remedy: 'Choose another domain.',
  },
  'tenant.management-stays': {
    cites: 'D-5',
    requires: 'the management tenant is neither suspended nor created again',
    remedy: 'Name another tenant.',
  },
  'tenant.unusable-option': {
    cites: 'D-12, wire-contract §3.3',
    requires: 'a tenant option that Fleetgate reads has a value of its legal form',
    remedy: 'Send a value of the form that the evidence names.',
  },
  'tenant.unknown-option': {
    cites: 'D-32',
    requires: 'the option was set',
    remedy: 'List the options and check category and key.',
  },
} as const satisfies Record<string, RuleText>;
