export { Counter, Gauge, type Registry, register } from 'prom-client';
